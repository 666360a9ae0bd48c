import type { ListedRecord } from '../workflows/listings.ts';

/** Of an item and of its assets, each: far less than a client takes, and as much as a model reads. */
const MOST_CHARS = 100_000;

/**
 * An item and its assets as JSON of at most twice {@link MOST_CHARS} characters and a few. What is too
 * large is left out whole, the largest members of the item and the last of the assets, and the text
 * says so under `left_out`.
 */
export function itemText(item: ListedRecord, assets: readonly ListedRecord[]): string {
  const kept = smallestMembers(item);
  const members = Object.entries(item);
  const shownMembers = members.filter(([name]) => kept.has(name));
  const shownAssets = firstRecords(assets);
  const leftOut = [
    ...leftOutOf(members, shownMembers, 'members of the item (items.get has them)'),
    ...leftOutOf(assets, shownAssets, 'assets (items.list_assets has them)'),
  ];
  return JSON.stringify({
    item: Object.fromEntries(shownMembers),
    assets: shownAssets,
    ...(leftOut.length === 0 ? {} : { left_out: `Too large to show: ${leftOut.join(', ')}.` }),
  });
}

function leftOutOf(
  { length: all }: readonly unknown[],
  { length: shown }: readonly unknown[],
  what: string,
): string[] {
  return shown === all ? [] : [`${all - shown} of ${all} ${what}`];
}

function smallestMembers(item: ListedRecord): ReadonlySet<string> {
  const sizes = Object.entries(item).map(([name, value]) => ({
    name,
    chars: JSON.stringify({ [name]: value }).length,
  }));
  const smallestFirst = sizes.sort((a, b) => a.chars - b.chars);
  return new Set(within(smallestFirst, ({ chars }) => chars).map(({ name }) => name));
}

function firstRecords(records: readonly ListedRecord[]): readonly ListedRecord[] {
  return within(records, (record) => JSON.stringify(record).length + 1);
}

/** The first of them, as many as there is room for. */
function within<It>(all: readonly It[], charsOf: (it: It) => number): readonly It[] {
  let room = MOST_CHARS;
  const end = all.findIndex((it) => {
    room -= charsOf(it);
    return room < 0;
  });
  return end < 0 ? all : all.slice(0, end);
}
