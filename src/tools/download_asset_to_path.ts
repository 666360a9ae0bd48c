import { z } from 'zod';
import { items } from '../operations/items.ts';
import { resolveTarget } from '../transfer/allowed_folders.ts';
import { downloadAsset } from '../workflows/download_asset.ts';
import { downloadAnswer, downloadAnswered } from './download_answer.ts';
import { overwriteFlag, targetPath } from './download_arguments.ts';
import { hints } from './effect_hints.ts';
import { wantSha256 } from './sha256_argument.ts';
import { defineTool } from './tool.ts';

export const downloadAssetToPath = defineTool({
  name: 'download_asset_to_path',
  title: 'Download an asset to a file',
  description:
    'Save one asset of a Geopera item as a file on this machine. The file appears whole and checked against what storage states, or not at all; nothing is replaced unless overwrite is true. Counts as egress. items_list_assets shows the assets of an item.',
  hints: hints({ destructive: true }),
  scope: items.assetDownload.scope,
  input: z
    .object({
      item_id: z.string().min(1).describe('STAC item id.'),
      asset_id: z.string().min(1).describe('Asset key (e.g. visual) or asset record id.'),
      path: targetPath(),
      overwrite: overwriteFlag(),
      sha256: wantSha256(),
    })
    .strict(),
  output: downloadAnswer,
  async run(input, call) {
    const { overwrite } = input;
    const path = await resolveTarget(input.path, await call.folders(), { overwrite });
    const receipt = await downloadAsset(
      { itemId: input.item_id, assetId: input.asset_id, path, overwrite, sha256: input.sha256 },
      call,
      call.context,
    );
    return downloadAnswered(receipt);
  },
});
