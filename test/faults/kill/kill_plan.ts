import type { Fault } from '../../../src/sandbox/sandbox.ts';
import type { Dice } from './dice.ts';

/** One thing that a server is asked to do and will be killed in. */
export type Act =
  | { readonly kind: 'upload'; readonly files: readonly string[] }
  | { readonly kind: 'download'; readonly object: string; readonly overwrites: boolean };

/** What runs, what holds it up, and the moment at which the server is killed. */
export interface KillPlan {
  readonly how: string;
  readonly acts: readonly Act[];
  readonly faults: readonly Fault[];
  /** Requests that must have been struck by a fault; then the delay begins. */
  readonly afterStruck: number;
  /** In milliseconds; or a share of the time that such an act took last, undisturbed. */
  readonly delay: { readonly ms: number } | { readonly share: number };
  /** How often the acts are asked for and the server killed; once if absent. */
  readonly times?: number;
  /** The next server is killed as well, so long after it was spawned: while it cleans up. */
  readonly againAfterMs?: number;
}

/** Objects and files by size. The large one is fetched in ranges. */
export const SIZES = {
  'tiny.bin': 20_000,
  'small.bin': 400_000,
  'middle.bin': 3_000_000,
  'long.bin': 6_000_000,
  'large.bin': 48 * 1024 * 1024,
} as const;

type FileName = keyof typeof SIZES;
const isFile = (name: string): name is FileName => name in SIZES;
const largest = (names: readonly string[]) =>
  Math.max(...names.map((name) => (isFile(name) ? SIZES[name] : 0)));
const FILES: readonly [FileName, ...FileName[]] = ['tiny.bin', 'small.bin', 'middle.bin'];
/** How long a slowed body takes in all, about. */
const SLOW_MS = 250;
const ALWAYS = 100;

const slow = (on: string, bytes: number, ms = SLOW_MS): Fault => ({
  on,
  times: ALWAYS,
  do: { bytes_per_second: Math.ceil((bytes / ms) * 1000) },
});

function someUpload(dice: Dice): Extract<Act, { kind: 'upload' }> {
  return { kind: 'upload', files: dice.shuffled(FILES).slice(0, dice.between(1, FILES.length)) };
}

function someDownload(dice: Dice): Extract<Act, { kind: 'download' }> {
  return { kind: 'download', object: dice.pick(FILES), overwrites: dice.share() < 0.3 };
}

const UPLOAD_CALLS = [
  'uploads.initiate',
  'uploads.signed_url',
  'uploads.progress',
  'uploads.complete',
] as const;

function heldUpload(dice: Dice): KillPlan {
  const act = someUpload(dice);
  const on = dice.pick(UPLOAD_CALLS);
  const after = on === 'uploads.signed_url' ? dice.between(0, act.files.length - 1) : 0;
  const held = dice.pick([{ stall_after_bytes: 0 }, { stall_after_bytes: 10 }]);
  return {
    how: `upload held at ${on}`,
    acts: [act],
    faults: [{ on, after, do: held }],
    // No progress is told of a session that is over in a moment.
    afterStruck: on === 'uploads.progress' ? 0 : 1,
    delay: { ms: dice.between(0, 30) },
  };
}

function slowUpload(dice: Dice): KillPlan {
  const act = someUpload(dice);
  return {
    how: 'upload, slow storage',
    acts: [act],
    faults: [slow('storage.put', largest(act.files))],
    times: dice.pick([1, 1, 2]),
    afterStruck: dice.between(1, act.files.length),
    delay: { ms: dice.between(0, SLOW_MS) },
  };
}

const PLANS = {
  'upload at full speed': (dice) => ({
    how: 'upload at full speed',
    acts: [someUpload(dice)],
    faults: [],
    afterStruck: 0,
    delay: { share: dice.share() * 0.8 },
  }),
  'slow upload': slowUpload,
  'held upload': heldUpload,
  'upload, then its recovery': (dice) => ({
    ...slowUpload(dice),
    times: 1,
    how: 'upload, then the server that cleans up',
    againAfterMs: dice.between(0, 400),
  }),
  'download at full speed': (dice) => ({
    how: 'download at full speed',
    acts: [someDownload(dice)],
    faults: [],
    afterStruck: 0,
    delay: { share: dice.share() * 0.8 },
  }),
  'slow download': (dice) => {
    const act = someDownload(dice);
    return {
      how: 'download in one stream, slow storage',
      acts: [act],
      faults: [slow('storage.get', largest([act.object]))],
      times: dice.pick([1, 1, 2, 3]),
      afterStruck: 1,
      delay: { ms: dice.between(0, SLOW_MS) },
    };
  },
  'held download': (dice) => ({
    how: 'download held',
    acts: [someDownload(dice)],
    faults: [
      dice.pick<Fault>([
        { on: 'items.asset.download', do: { stall_after_bytes: 0 } },
        { on: 'items.list_assets', do: { stall_after_bytes: 0 } },
        { on: 'storage.get', do: { stall_after_bytes: dice.between(0, SIZES['tiny.bin']) } },
        { on: 'storage.get', times: 2, do: { cut_after_bytes: dice.between(0, 19_000) } },
      ]),
    ],
    afterStruck: 1,
    delay: { ms: dice.between(0, 30) },
  }),
  'download in ranges': (dice) => ({
    how: 'download in ranges',
    acts: [{ kind: 'download', object: 'large.bin', overwrites: dice.share() < 0.3 }],
    faults: [slow('storage.get', SIZES['large.bin'], 3_000)],
    times: dice.pick([1, 2]),
    afterStruck: dice.pick([1, 2, 4, 6]),
    delay: { ms: dice.between(0, 400) },
  }),
  /** Long enough for a journal that says what is on disk. */
  'long transfers': (dice) => ({
    how: 'downloads long enough for a journal, and an upload',
    acts: [
      { kind: 'download', object: 'large.bin', overwrites: false },
      { kind: 'download', object: 'long.bin', overwrites: true },
      someUpload(dice),
    ],
    faults: [
      // The first two GETs may be those of either file.
      slow('storage.get', SIZES['large.bin'], 70_000),
      slow('storage.put', SIZES['middle.bin'], 20_000),
    ],
    afterStruck: 3,
    delay: { ms: dice.between(5_200, 7_500) },
  }),
} as const satisfies Record<string, (dice: Dice) => KillPlan>;

/** How many of a hundred kills are of which plan. */
const SHARES: Readonly<Record<keyof typeof PLANS, number>> = {
  'upload at full speed': 18,
  'slow upload': 16,
  'held upload': 14,
  'upload, then its recovery': 8,
  'download at full speed': 12,
  'slow download': 12,
  'held download': 9,
  'download in ranges': 7,
  'long transfers': 4,
};

const isPlan = (name: string): name is keyof typeof PLANS => name in PLANS;

/** All plans by their shares, spread so that any beginning of the row has about the same mix. */
function mixed(): ((dice: Dice) => KillPlan)[] {
  return Object.entries(SHARES)
    .flatMap(([name, share]) =>
      isPlan(name)
        ? Array.from({ length: share }, (_, i) => ({ plan: PLANS[name], at: (i + 0.5) / share }))
        : [],
    )
    .sort((a, b) => a.at - b.at)
    .map(({ plan }) => plan);
}

/** At least so many kills, mixed by the shares above, in an order and with details by the dice. */
export function planKills(kills: number, dice: Dice): KillPlan[] {
  const row = mixed();
  const plans: KillPlan[] = [];
  for (let planned = 0; planned < kills; ) {
    for (const plan of row) {
      if (planned >= kills) break;
      const next = plan(dice);
      plans.push(next);
      planned += killsIn(next);
    }
  }
  return dice.shuffled(plans);
}

export function killsIn({ times = 1, againAfterMs }: KillPlan): number {
  return times + (againAfterMs === undefined ? 0 : 1);
}
