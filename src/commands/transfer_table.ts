import { printable } from '../demo/printable.ts';
import { inBytes } from '../tools/byte_words.ts';
import type { CleanedTransfer, TransferEntry } from './transfer_entry.ts';

const HEAD = ['KIND', 'STATE', 'AGE', 'BYTES', 'WHAT'] as const;

const ENDS: Readonly<Record<NonNullable<CleanedTransfer['outcome']>, string>> = {
  released: 'released',
  over: 'it was over already',
  unfindable: 'no session was found for it, perhaps none was ever opened',
  removed: 'removed',
  expired: 'it had run out by itself',
  perhaps_done: 'it was being finished when its process ended: it may be done, look there',
};

const FLOWS: Readonly<Record<NonNullable<TransferEntry['flow']>, string>> = {
  opteryx_session: 'session of Opteryx',
  opteryx_contract: 'contract of Opteryx',
  geolens_job: 'job of GeoLens',
};

const AGES: readonly (readonly [seconds: number, unit: string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** The transfers for people: one line each. */
export function transferTable(entries: readonly TransferEntry[], now = Date.now()): string {
  if (entries.length === 0) return 'No transfer is under way, and none was left behind.';
  const rows = [HEAD, ...entries.map((entry) => cells(entry, now))];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** What became of each, for people. */
export function cleanedWords(entries: readonly CleanedTransfer[]): string {
  if (entries.length === 0) return 'Nothing was left behind.';
  return entries
    .map((entry) => {
      const done = entry.kind === 'upload' && entry.flow === undefined ? 'released' : 'removed';
      const well = entry.outcome === undefined ? done : ENDS[entry.outcome];
      const outcome = entry.reason === undefined ? well : `not ${done}: ${entry.reason}`;
      return printable(`${entry.kind} ${what(entry)}: ${outcome}`);
    })
    .join('\n');
}

function cells(entry: TransferEntry, now: number): readonly string[] {
  const { kind, state, pid, bytes, bytes_done: done } = entry;
  const process = pid === undefined ? '' : ` (${pid})`;
  const size = bytes === undefined ? '' : inBytes(bytes);
  const amount = done === undefined ? size : `${inBytes(done)} of ${size}`;
  const cells = [
    kind,
    `${state.replace('_', ' ')}${process}`,
    age(entry, now),
    amount,
    what(entry),
  ];
  return cells.map(printable);
}

function age({ started_at: startedAt }: TransferEntry, now: number): string {
  if (startedAt === undefined) return '';
  const seconds = Math.max(0, (now - Date.parse(startedAt)) / 1000);
  const [size, unit] = AGES.find(([least]) => seconds >= least) ?? [1, 's'];
  return `${Math.floor(seconds / size)} ${unit}`;
}

function what({ files, flow, upload_id: id }: TransferEntry): string {
  const [first = flow === undefined ? '' : FLOWS[flow], ...others] = files;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `${first}${more}${id === undefined ? '' : ` (${id})`}`;
}
