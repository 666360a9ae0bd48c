export const code = (text) => `\`${text}\``;

export const firstSentence = (text) => /^.*?[.?!](?=\s|$)/s.exec(text)?.[0] ?? text;

/** A table; the first row is its head. */
export function table([head, ...rows]) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** A link to the section of that heading in the same document, by the rule that forges have. */
export const linkTo = (heading) =>
  `[${heading}](#${heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-')})`;

/** Words of the catalogue, with the operations that they name as links. */
export function prose(text, catalogue) {
  const ids = new Set(catalogue.map(({ id }) => id));
  return text
    .replaceAll('<', '&lt;')
    .replaceAll('*', '\\*')
    .replaceAll(/\b[a-z_]+(?:\.[a-z_]+)+\b/g, (name) => (ids.has(name) ? linkTo(name) : name));
}
