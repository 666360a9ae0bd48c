/** What a server said. */
export interface Said {
  /** Of its log. */
  readonly lines: readonly string[];
  /** Of figures. */
  readonly pages: readonly string[];
  readonly answers: readonly { readonly text: string; readonly mayHoldLinks: boolean }[];
}

/** The query by which a URL is signed, for whichever file. */
const SIGNED = /X-Goog-(?:Signature|Credential|Date)=[\w%-]+/i;
/** A key of Geopera, known or not. */
const KEY = /gpra_\w{6,}/;

/** Where something stands that must not, in words that do not repeat it. */
export function searchForSecrets(secrets: Iterable<string>, said: Said): string[] {
  const all = [...secrets];
  const texts = [
    ...said.lines.map((text) => ({ where: 'a log line', text, mayHoldLinks: false })),
    ...said.pages.map((text) => ({ where: 'a page of figures', text, mayHoldLinks: false })),
    ...said.answers.map((answer) => ({ where: 'an answer', ...answer })),
  ];
  return texts.flatMap(({ where, text, mayHoldLinks }) => {
    const found = [
      ...all.flatMap((secret, at) => (text.includes(secret) ? [`secret ${at + 1}`] : [])),
      ...(KEY.test(text) ? ['a key'] : []),
      ...(!mayHoldLinks && SIGNED.test(text) ? ['a signed URL'] : []),
    ];
    return found.map((what) => `${what} in ${where}: ${text.slice(0, 200)}`);
  });
}
