import { type Bounds, boundsOf, readBounds, touch } from './bounding_box.ts';
import { readInterval } from './datetime_interval.ts';
import { ProblemError } from './problems.ts';
import type { Item } from './state_model.ts';

/** What a search for items may ask for; an item must meet all of it. */
export interface ItemQuery {
  readonly bbox?: readonly number[] | undefined;
  /** A GeoJSON geometry; the sandbox looks at the box around it alone. */
  readonly intersects?: unknown;
  readonly datetime?: string | undefined;
  readonly collections?: readonly string[] | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly type?: Item['type'] | undefined;
}

/** @throws ProblemError 422 for a box, a geometry or a time that is none */
export function matching(items: readonly Item[], query: ItemQuery): Item[] {
  if (query.bbox !== undefined && query.intersects !== undefined) {
    throw new ProblemError(422, 'bbox and intersects exclude each other');
  }
  const tests = [
    query.bbox === undefined ? undefined : within(readBounds(query.bbox)),
    query.intersects === undefined ? undefined : within(boundsOf(query.intersects)),
    query.datetime === undefined ? undefined : takenIn(query.datetime),
    among(query.collections, ({ collection_id }) => [collection_id]),
    among(query.ids, ({ id, stac_id }) => [id, stac_id]),
    query.type === undefined ? undefined : (item: Item) => item.type === query.type,
  ];
  return items.filter((item) => tests.every((test) => test === undefined || test(item)));
}

function within(bounds: Bounds): (item: Item) => boolean {
  return ({ bbox }) => bbox !== null && touch(readBounds(bbox), bounds);
}

function takenIn(datetime: string): (item: Item) => boolean {
  const { from, to } = readInterval(datetime);
  return (item) => {
    const start = item.start_datetime ?? item.datetime;
    const end = item.end_datetime ?? item.datetime;
    return start !== null && end !== null && Date.parse(start) <= to && Date.parse(end) >= from;
  };
}

function among(
  wanted: readonly string[] | undefined,
  names: (item: Item) => readonly (string | null)[],
): ((item: Item) => boolean) | undefined {
  if (wanted === undefined) return undefined;
  return (item) => names(item).some((name) => name !== null && wanted.includes(name));
}
