import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const MONTHS = ['january', 'february', 'march'] as const;
const CALLS_A_MONTH = 1000;

const KINDS = ['container ship', 'bulk carrier', 'tanker', 'tug', 'ferry', 'research vessel'];
const FIRST = ['Northern', 'Pacific', 'Silver', 'Evening', 'Coral', 'Salt', 'Grey', 'Little'];
const SECOND = ['Heron', 'Lantern', 'Compass', 'Albatross', 'Tide', 'Émeraude', 'Märchen', 'Star'];
/** What makes a CSV hard to cut: commas, quotes, and records that go over several lines. */
const REMARKS = [
  '',
  'bunkering',
  'pilot boarded late, waited at anchor',
  'master says "back on Tuesday"',
  'two lines of cargo:\nbarley\nwool',
  'engine trouble,\n"under repair" until noon',
];

/** A call of a ship at the harbour, as its columns say it. */
type ShipCall = Readonly<Record<string, string>>;

/**
 * Writes a quarter of made-up calls of ships, a CSV a month, the same ones each time.
 *
 * @returns the paths, in order
 */
export async function writeShipTables(folder: string): Promise<readonly string[]> {
  const random = dice(2024);
  const tables = MONTHS.map((month, index) => ({
    path: join(folder, `ships_${month}.csv`),
    calls: Array.from({ length: CALLS_A_MONTH }, (_, at) => shipCall(index, at, random)),
  }));
  await Promise.all(tables.map(({ path, calls }) => writeFile(path, csvOf(calls))));
  return tables.map(({ path }) => path);
}

type Dice = <T>(faces: readonly T[]) => T;

/** A linear congruential generator: made-up data need not be random, but the same everywhere. */
function dice(seed: number): Dice {
  let state = seed;
  return (faces) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    const face = faces[Math.floor((state / 2_147_483_648) * faces.length)];
    if (face === undefined) throw new RangeError('a die without faces');
    return face;
  };
}

function shipCall(month: number, at: number, pick: Dice): ShipCall {
  const day = 1 + Math.floor((at * 28) / CALLS_A_MONTH);
  const arrived = new Date(Date.UTC(2024, month, day, at % 24, (at * 7) % 60));
  return {
    call: String(month * CALLS_A_MONTH + at + 1),
    ship: `${pick(FIRST)} ${pick(SECOND)}`,
    kind: pick(KINDS),
    length_m: (20 + pick(LENGTHS) / 10).toFixed(1),
    berth: String(1 + (at % 12)),
    arrived_at: arrived.toISOString(),
    in_ballast: String(pick([true, false])),
    remarks: pick(REMARKS),
  };
}

const LENGTHS = Array.from({ length: 3000 }, (_, tenths) => tenths);

function csvOf(calls: readonly ShipCall[]): string {
  const header = Object.keys(calls[0] ?? {});
  const lines = [header, ...calls.map((call) => Object.values(call))];
  return lines.map((cells) => `${cells.map(csvCell).join(',')}\n`).join('');
}

function csvCell(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
