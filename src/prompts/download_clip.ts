import { areaOf } from './area.ts';
import { ON_FAILURE } from './common_steps.ts';
import { argument } from './prompt_arguments.ts';
import type { PromptFor } from './prompt_record.ts';
import { CLIP_DELIVERY } from './save_clip.ts';

const NAME = 'download-clip';

/** Cuts an area out of an item and fetches the result. */
export const downloadClip: PromptFor = (access) => {
  const { args, tools, steps } = CLIP_DELIVERY[access];
  return {
    name: NAME,
    title: 'Clip an item and fetch the result',
    description:
      'Cut an area out of a Geopera item and fetch the result. It spends compute credits, and asks before it does.',
    args: [
      argument.id('item_id', true, 'Item to cut.'),
      {
        name: 'area',
        description: 'west,south,east,north in degrees, or a GeoJSON Polygon.',
        required: true,
        maxChars: 20_000,
      },
      ...args,
      {
        name: 'assets',
        description: 'Keys of the assets to cut, with commas between; all if empty.',
        required: false,
        maxChars: 2_000,
      },
      argument.id(
        'project_id',
        false,
        'Project that receives the clip; that of the item if empty.',
      ),
    ],
    tools: ['items.get', 'items.list_assets', 'clip.create_from_item', ...tools],
    guide: ({ item_id, area = '', assets = '', ...filled }) => ({
      task: 'Cut an area out of a Geopera item and fetch the result.',
      data: {
        source_item_id: item_id,
        aoi_geometry: areaOf(NAME, area),
        ...listed('asset_keys', assets),
        ...filled,
      },
      steps: [
        'Call items.get and items.list_assets for the item. If no project_id is given, the project_id of the item is meant. If one of asset_keys is not an asset of the item, ask the user which is meant.',
        'Tell the user which item, assets, area and project it is about, and that the job spends compute credits. Ask whether to go on and wait for the answer. Unless it is yes, stop here.',
        'Call clip.create_from_item, once, with source_item_id, project_id, aoi_geometry and asset_keys. The id of the job that it answers is the job_id below. If it answers a summary and a confirmation instead, show the user the summary, and only on their yes call once more with the confirmation. If no answer comes, the job may have been started and charged all the same: tell the user, and do not call it again without a new yes.',
        ...steps,
        ON_FAILURE,
      ],
    }),
  };
};

function listed(name: string, text: string): Readonly<Record<string, readonly string[]>> {
  const values = text.split(',').map((value) => value.trim());
  const named = values.filter((value) => value !== '');
  return named.length === 0 ? {} : { [name]: named };
}
