type Ending = readonly [ending: string, instead: string];

/** Endings by which forms of one word differ. Of each row the first that fits is replaced. */
const ROWS: readonly (readonly Ending[])[] = [
  [
    ['sses', 'ss'],
    ['xes', 'x'],
    ['ches', 'ch'],
    ['shes', 'sh'],
    ['ies', 'y'],
    ['ss', 'ss'],
    ['us', 'us'],
    ['is', 'is'],
    ['s', ''],
  ],
  [
    ['ied', 'y'],
    ['ing', ''],
    ['ed', ''],
  ],
  [
    ['isation', 'iz'],
    ['ization', 'iz'],
    ['tion', 't'],
    ['sion', 's'],
    ['ness', ''],
    ['ally', ''],
    ['ly', ''],
  ],
  [
    ['ise', 'iz'],
    ['e', ''],
    ['y', ''],
    ['is', 'iz'],
  ],
];

const FEWEST_LETTERS = 3;

/** Forms that share no beginning with their word, other spellings, and what is seldom written out. */
const SAME_AS = new Map(
  Object.entries({
    analyse: 'analyze',
    analyses: 'analyze',
    analysis: 'analyze',
    aois: 'aoi',
    catalogue: 'catalog',
    catalogues: 'catalog',
    centre: 'center',
    colour: 'color',
    coloured: 'color',
    colours: 'color',
    gb: 'gigabyte',
    indices: 'index',
    licence: 'license',
    licences: 'license',
    mb: 'megabyte',
    org: 'organization',
    pic: 'picture',
    pics: 'picture',
    proj: 'project',

    bought: 'buy',
    chose: 'choose',
    chosen: 'choose',
    drawn: 'draw',
    drew: 'draw',
    gave: 'give',
    given: 'give',
    gone: 'go',
    got: 'get',
    kept: 'keep',
    left: 'leave',
    lost: 'lose',
    made: 'make',
    meant: 'mean',
    paid: 'pay',
    ran: 'run',
    saw: 'see',
    seen: 'see',
    sent: 'send',
    shown: 'show',
    sold: 'sell',
    spent: 'spend',
    taken: 'take',
    thrown: 'throw',
    told: 'tell',
    took: 'take',
    used: 'use',
    using: 'use',
    went: 'go',
    withdrawn: 'withdraw',
    written: 'write',
    wrote: 'write',
  }),
);

/** What the forms of one word have in common; not a word itself. Takes lower case. */
export function stemOf(word: string): string {
  const stem = ROWS.reduce(withoutEnding, SAME_AS.get(word) ?? word);
  return undoubled(stem);
}

function withoutEnding(word: string, endings: readonly Ending[]): string {
  const [ending, instead] = endings.find(([it]) => word.endsWith(it)) ?? ['', ''];
  const rest = word.slice(0, word.length - ending.length) + instead;
  return rest.length >= FEWEST_LETTERS ? rest : word;
}

/** Clipped and clipping become clip; but pass stays pass. */
const undoubled = (stem: string) => stem.replace(/([bdfgklmnprt])\1$/, '$1');
