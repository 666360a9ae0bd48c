import { GeoperaError } from '../geopera/geopera_error.ts';
import { plainNames, plainText } from '../geopera/plain_text.ts';
import { items } from '../operations/items.ts';
import { type DownloadReceipt, downloadFile } from '../transfer/download.ts';
import type { Act, WorkflowContext } from './context.ts';
import { descriptorUrl } from './descriptor.ts';
import { recordsIn, stringField } from './listings.ts';

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
  let assetId = request.assetId;
  return downloadFile(
    {
      async open(_reason, signal) {
        const found = await describe(request.itemId, assetId, signal, context);
        assetId = found.assetId;
        return { kind: 'url', url: descriptorUrl(id, found.descriptor) };
      },
      path: request.path,
      overwrite: request.overwrite,
      sha256: request.sha256 ?? false,
      signal: act.signal,
      onProgress: (done, total) =>
        act.onProgress({ done, total, message: 'Downloading the asset' }),
    },
    context.engine,
  );
}

/** Asks for the descriptor; if the id is unknown, takes it as a key (or the key as an id) once. */
async function describe(
  itemId: string,
  assetId: string,
  signal: AbortSignal,
  { geopera }: WorkflowContext,
): Promise<{ assetId: string; descriptor: unknown }> {
  const ask = (asset: string) =>
    geopera.call(items.assetDownload, { item_id: itemId, asset_id: asset }, signal);
  try {
    return { assetId, descriptor: await ask(assetId) };
  } catch (failure) {
    if (!(failure instanceof GeoperaError) || failure.status !== 404) throw failure;
    const listing = await geopera.call(items.listAssets, { item_id: itemId }, signal);
    const assets = recordsIn(listing, ['assets', 'items', 'results']);
    const names = assets.map((asset) => ({
      id: stringField(asset, 'id', 'asset_id'),
      key: stringField(asset, 'key', 'asset_key'),
    }));
    const match = names.find(({ id, key }) => id === assetId || key === assetId);
    const other = match?.id === assetId ? match?.key : match?.id;
    if (other === undefined) throw noSuchAsset(assetId, names, failure);
    return { assetId: other, descriptor: await ask(other) };
  }
}

function noSuchAsset(
  assetId: string,
  names: readonly { id: string | undefined; key: string | undefined }[],
  cause: GeoperaError,
): GeoperaError {
  const known = names.map(({ id, key }) => key ?? id).filter((name) => name !== undefined);
  return new GeoperaError({
    kind: 'not_found',
    operationId: cause.operationId,
    detail: `the item has no asset '${plainText(assetId, 80)}'; it has: ${plainNames(known) || 'none'}`,
    status: 404,
    cause,
  });
}
