import { GeoperaError } from '../geopera/geopera_error.ts';
import { plainNames, plainText } from '../geopera/plain_text.ts';
import { items } from '../operations/items.ts';
import type { Act } from '../transfer/act.ts';
import type { ExpectedFile } from '../transfer/checksums/verify_download.ts';
import { type DownloadReceipt, downloadFile } from '../transfer/download.ts';
import type { WorkflowContext } from './context.ts';
import { descriptorUrl } from './descriptor.ts';
import { downloadProgress } from './download_progress.ts';
import { type ListedRecord, recordsIn, stringField } from './listings.ts';
import { resumeBy } from './resume_by.ts';
import { stacFileFacts } from './stac_file_facts.ts';

export interface AssetDownloadRequest {
  readonly itemId: string;
  /** Asset key or asset record id. */
  readonly assetId: string;
  /** Real path of the file to make, inside a folder that exists. */
  readonly path: string;
  readonly overwrite: boolean;
  readonly sha256?: boolean | undefined;
}

/** Saves one asset of an item as a local file, whole and checked or not at all. */
export async function downloadAsset(
  request: AssetDownloadRequest,
  act: Act,
  context: WorkflowContext,
): Promise<DownloadReceipt> {
  const { scope, id } = items.assetDownload;
  await context.scopes.require(scope, id, act.signal);
  const listed = await findAsset(request, act.signal, context);
  let assetId = request.assetId;
  const onProgress = downloadProgress(request.path, act);
  onProgress(0, listed.facts.bytes);
  return downloadFile(
    {
      async open(_reason, signal) {
        const found = await describe(request.itemId, assetId, listed, signal, context);
        assetId = found.assetId;
        return { kind: 'url', url: descriptorUrl(id, found.descriptor) };
      },
      path: request.path,
      overwrite: request.overwrite,
      expected: listed.facts,
      sha256: request.sha256 ?? false,
      signal: act.signal,
      resume: resumeBy(context, 'asset', request.itemId, request.assetId),
      onProgress,
    },
    context.engine,
  );
}

/** What the item's listing says of the asset. */
interface ListedAsset {
  /** The asset's other name: its key if it was named by its id, and the other way round. */
  readonly otherName: string | undefined;
  readonly facts: ExpectedFile;
  /** Names of all the item's assets. */
  readonly names: readonly string[];
}

/** Looks the asset up for what its record states; a listing that cannot be had leaves it unknown. */
async function findAsset(
  { itemId, assetId }: AssetDownloadRequest,
  signal: AbortSignal,
  { geopera, log }: WorkflowContext,
): Promise<ListedAsset> {
  let assets: readonly ListedRecord[] = [];
  try {
    const listing = await geopera.call(items.listAssets, { item_id: itemId }, signal, {
      patienceMs: 0,
    });
    assets = recordsIn(listing, ['assets', 'items', 'results']);
  } catch (failure) {
    if (!(failure instanceof GeoperaError)) throw failure;
    log.warn({ itemId, failure: failure.message }, 'the assets could not be listed');
  }
  const idOf = (asset: ListedRecord) => stringField(asset, 'id', 'asset_id');
  const keyOf = (asset: ListedRecord) => stringField(asset, 'key', 'asset_key');
  const match = assets.find((asset) => idOf(asset) === assetId || keyOf(asset) === assetId);
  return {
    otherName: match && (idOf(match) === assetId ? keyOf(match) : idOf(match)),
    facts: match === undefined ? {} : stacFileFacts(match),
    names: assets.flatMap((asset) => keyOf(asset) ?? idOf(asset) ?? []),
  };
}

/** Asks for the descriptor; if the id is unknown, takes it as a key (or the key as an id) once. */
async function describe(
  itemId: string,
  assetId: string,
  { otherName, names }: ListedAsset,
  signal: AbortSignal,
  { geopera }: WorkflowContext,
): Promise<{ assetId: string; descriptor: unknown }> {
  const ask = (asset: string) =>
    geopera.call(items.assetDownload, { item_id: itemId, asset_id: asset }, signal);
  try {
    return { assetId, descriptor: await ask(assetId) };
  } catch (failure) {
    if (!(failure instanceof GeoperaError) || failure.status !== 404) throw failure;
    if (otherName === undefined || otherName === assetId) {
      throw noSuchAsset(assetId, names, failure);
    }
    return { assetId: otherName, descriptor: await ask(otherName) };
  }
}

function noSuchAsset(assetId: string, names: readonly string[], cause: GeoperaError): GeoperaError {
  return new GeoperaError({
    kind: 'not_found',
    operationId: cause.operationId,
    detail: `the item has no asset '${plainText(assetId, 80)}'; it has: ${plainNames(names) || 'none'}`,
    status: 404,
    cause,
  });
}
