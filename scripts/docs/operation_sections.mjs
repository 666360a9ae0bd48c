import { zodToJsonSchema } from 'zod-to-json-schema';
import { answerWords, fieldRows } from './field_rows.mjs';
import { code, linkTo, prose, table } from './markdown.mjs';

const RESPONSES = {
  json: 'JSON',
  image: 'an image',
  redirect: 'the address of an image',
  xml: 'XML',
  ndjson: 'NDJSON',
  file: 'a file, or where to get it',
};

const PAGING = {
  offset: 'in pages, by `limit` and `offset`',
  page: 'in pages, by `page`',
  token: 'in pages, by `next`',
};

/** Every operation under its resource, with a list of the resources before them. */
export function operationSections(source) {
  const { catalogue, resourceOf, createToolbox } = source;
  const listed = createToolbox('both');
  const resources = [...new Set(catalogue.map(({ id }) => resourceOf(id)))];
  const of = (resource) => catalogue.filter(({ id }) => resourceOf(id) === resource);
  return [
    `${catalogue.length} operations: ${resources.map((it) => `${linkTo(it)} (${of(it).length})`).join(', ')}.`,
    ...resources.flatMap((resource) => [
      `### ${resource}`,
      ...of(resource).map((operation) => operationSection(operation, listed, source)),
    ]),
    '',
  ].join('\n\n');
}

function operationSection(operation, listed, source) {
  const { catalogue } = source;
  const words = (text) => prose(text, catalogue);
  const { $schema: _, ...input } = schemaOf(operation.input);
  const answer = answerWords(schemaOf(operation.output));
  const rows = fieldRows(input, words);
  return [
    `#### ${operation.id}`,
    words(operation.summary),
    factsOf(operation, listed, source),
    ...(rows.length === 0 ? [] : [table([['Field', 'Type', 'Default', 'What it is'], ...rows])]),
    ...(input.additionalProperties === false ? [] : ['More fields may be given.']),
    ...(answer === '' ? [] : [`Answer: ${answer}.`]),
  ].join('\n\n');
}

const schemaOf = (model) => zodToJsonSchema(model, { $refStrategy: 'none' });

/** All that is no field, in one line. */
function factsOf(operation, listed, { CALLER_OF, toolName }) {
  const { id, effect, scope, response, paging, asksFirst, estimate, idempotencyKey, secrets } =
    operation;
  return [
    `${code(toolName(id))}${listed.has(toolName(id)) ? ', listed by default' : ''}`,
    `by ${code(CALLER_OF[effect])}`,
    `effect ${code(effect)}`,
    `scope ${code(scope)}`,
    `answers ${RESPONSES[response]}${paging === undefined ? '' : `, ${PAGING[paging]}`}`,
    ...(asksFirst ? ['**asks first**'] : []),
    ...(estimate === undefined ? [] : [`estimated by ${linkTo(estimate.operation)}`]),
    ...(idempotencyKey ? ['sends `Idempotency-Key`'] : []),
    ...(secrets.length === 0 ? [] : [`secrets in its answer: ${secrets.map(code).join(', ')}`]),
  ].join(' · ');
}
