/** Endings by which forms of one word differ, the longest first; what is left keeps at least three letters. */
const ENDINGS: readonly (readonly [ending: string, instead: string])[] = [
  ['isations', ''],
  ['izations', ''],
  ['isation', ''],
  ['ization', ''],
  ['abilities', ''],
  ['ability', ''],
  ['ations', ''],
  ['ation', ''],
  ['ating', ''],
  ['ated', ''],
  ['ates', ''],
  ['ate', ''],
  ['ities', ''],
  ['ments', ''],
  ['ment', ''],
  ['sses', 'ss'],
  ['ness', ''],
  ['ising', ''],
  ['izing', ''],
  ['ised', ''],
  ['ized', ''],
  ['ises', ''],
  ['izes', ''],
  ['ise', ''],
  ['ize', ''],
  ['ings', ''],
  ['ions', ''],
  ['able', ''],
  ['ally', ''],
  ['ies', ''],
  ['ied', ''],
  ['ity', ''],
  ['ing', ''],
  ['ion', ''],
  ['ers', ''],
  ['es', ''],
  ['ed', ''],
  ['er', ''],
  ['ly', ''],
  ['ss', 'ss'],
  ['us', 'us'],
  ['is', 'is'],
  ['s', ''],
  ['y', ''],
  ['e', ''],
];

const FEWEST_LETTERS = 3;

/** Forms that share no beginning with their word, other spellings, and what is seldom written out. */
const SAME_AS = new Map(
  Object.entries({
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
    stopped: 'stop',
    taken: 'take',
    taught: 'teach',
    thrown: 'throw',
    told: 'tell',
    took: 'take',
    went: 'go',
    withdrawn: 'withdraw',
    written: 'write',
    wrote: 'write',
  }),
);

/** What the forms of one word have in common; not a word itself. Takes lower case. */
export function stemOf(word: string): string {
  const form = SAME_AS.get(word) ?? word;
  const [ending, instead] =
    ENDINGS.find(([it]) => form.endsWith(it) && form.length - it.length >= FEWEST_LETTERS) ?? [];
  if (ending === undefined || instead === undefined) return form;
  return undoubled(form.slice(0, form.length - ending.length) + instead);
}

/** Clipped and clipping become clip; but pass stays pass. */
const undoubled = (stem: string) => stem.replace(/([bdfgklmnprt])\1$/, '$1');
