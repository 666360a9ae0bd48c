import { z } from 'zod';
import { items } from '../operations/items.ts';
import { downloadAsset } from '../workflows/download_asset.ts';
import { downloadAnswered, downloadOutline, downloadTransfer } from './download_answer.ts';
import { downloadOptions } from './download_arguments.ts';
import { hints } from './effect_hints.ts';
import { DEFAULT_TOOLSET } from './selection/tool_selection.ts';
import { defineTool } from './tool.ts';
import { transferOutput } from './transfer_facts.ts';

export const downloadAssetToPath = defineTool({
  name: 'download_asset_to_path',
  title: 'Download an asset to a file',
  description:
    'Save one asset of a Geopera item as a file on this machine, whole and verified or not at all. Goes on after wait_seconds: follow it with transfer_status. Counts as egress. items.list_assets shows the assets.',
  toolsets: [DEFAULT_TOOLSET, 'items'],
  hints: hints({ destructive: true }),
  scope: items.assetDownload.scope,
  input: () =>
    z
      .object({
        item_id: z.string().min(1).describe('STAC item id.'),
        asset_id: z.string().min(1).describe('Asset key (e.g. visual) or asset record id.'),
        ...downloadOptions(),
      })
      .strict(),
  output: () => transferOutput(downloadOutline()),
  run(input, call) {
    return downloadTransfer(items.assetDownload, input, call, async (path, act) => {
      const { item_id: itemId, asset_id: assetId, overwrite, sha256 } = input;
      const request = { itemId, assetId, path, overwrite, sha256 };
      return downloadAnswered(await downloadAsset(request, act, call.context));
    });
  },
});
