import type { Bounds } from './bounding_box.ts';
import type { SandboxContext } from './context.ts';
import { newAsset, newItem } from './ingest.ts';
import { madeUpRaster } from './made_up_raster.ts';
import { describeFile } from './raster_facts.ts';
import type { Item } from './state_model.ts';

const MEDIA_TYPE = 'image/tiff; application=geotiff';
const PIXELS = 128;

/** What is made of a name and a place. */
interface Making {
  readonly name: string;
  readonly bounds: Bounds;
  readonly assetKey: string;
  /** Where in the storage its file goes. */
  readonly folder: string;
  /** What is known of the item besides. */
  readonly item: Partial<Item> & Pick<Item, 'project_id' | 'type'>;
}

/** An item with a small raster of its own, which can be shown, cut and downloaded. */
export async function makeItem(
  { objects, settings, store }: SandboxContext,
  { name, bounds, assetKey, folder, item: known }: Making,
): Promise<Item> {
  const now = settings.now().toISOString();
  const fileName = `${name}.tif`;
  const file = {
    file_name: fileName,
    content_type: MEDIA_TYPE,
    object_path: `${folder}/${fileName}`,
  };
  const object = await objects.write(file.object_path, MEDIA_TYPE, drawn(name, bounds));
  const facts = await describeFile(objects.diskPath(object));
  const item: Item = { ...newItem(known.project_id, name, facts, now), ...known };
  store.state.items.push(item);
  store.state.assets.push(newAsset(item.id, assetKey, { file, object, facts }, now));
  return item;
}

async function* drawn(name: string, bounds: Bounds): AsyncGenerator<Uint8Array> {
  yield madeUpRaster(name, bounds, PIXELS);
}
