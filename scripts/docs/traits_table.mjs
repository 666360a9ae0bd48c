import { table } from './markdown.mjs';

/** In words, by the values of `ConnectorTraits`; one that is absent says nothing of a connector. */
const ROWS = [
  ['can sign anew', ({ canResign }) => yesOrNo(canResign, 'bytes go to the API')],
  ['numbers parts from', ({ partBase }) => (partBase === undefined ? '' : String(partBase))],
  ['parts are files in themselves', ({ partsSelfContained }) => yesOrNo(partsSelfContained)],
  ['to finish twice is to finish once', ({ finishIdempotent }) => yesOrNo(finishIdempotent)],
  ['abandoned by', ({ abandons }) => known(ABANDONED_BY, abandons)],
  ['Content-Type', ({ contentType }) => known(CONTENT_TYPES, contentType)],
];

const ABANDONED_BY = {
  release: 'one call',
  delete_parts: 'deleting each part',
  delete_contract: 'one call',
  finish_without_parts: 'finishing without parts, or by itself',
};

const CONTENT_TYPES = {
  as_signed: 'as signed',
  as_signed_none_on_parts: 'as signed; none on parts',
  of_kind: 'of the kind',
};

/** In what the connectors differ, from what they say of themselves. */
export function traitsTable({ connectorTraits }) {
  const all = Object.values(connectorTraits);
  return table([
    ['', ...Object.keys(connectorTraits)],
    ...ROWS.map(([name, words]) => [name, ...all.map(words)]),
  ]);
}

function yesOrNo(value, absent = '') {
  if (value === undefined) return absent;
  return value ? 'yes' : 'no';
}

function known(words, value) {
  if (words[value] === undefined) throw new Error(`there are no words for the trait ${value}`);
  return words[value];
}
