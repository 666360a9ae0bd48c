/** What is aimed at for each of our lists, beside its figure; aims that a row does not have are left out. */
export function judged(figures, { tokens, largestTool, inputSchemaBytes }) {
  const aims = [
    ['tokens', figures.tokens, tokens],
    ['tokens of its largest tool', figures.largest_tool.tokens, largestTool],
    ['bytes of its largest input schema', figures.largest_input_schema_bytes, inputSchemaBytes],
  ];
  return aims
    .filter(([, , atMost]) => atMost !== undefined)
    .map(([what, is, atMost]) => ({ what, is, at_most: atMost, met: is <= atMost }));
}

/** One line for each aim that is missed. */
export function missedAims(ours) {
  return ours.flatMap(({ name, aims }) =>
    aims
      .filter(({ met }) => !met)
      .map(({ what, is, at_most: atMost }) => `${name}: ${is} ${what}, at most ${atMost} wanted`),
  );
}
