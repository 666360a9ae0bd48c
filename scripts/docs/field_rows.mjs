import { code } from './markdown.mjs';

/**
 * One row for each field of a JSON schema of an object, and below it for what it holds: name, type with its
 * bounds, default, description. Null is left out, since it means the same as nothing.
 */
export function fieldRows(schema, words) {
  return rowsUnder(schema, '', words);
}

function rowsUnder({ properties = {}, required = [] }, prefix, words) {
  return Object.entries(properties).flatMap(([name, property]) => {
    const field = withoutNull(property);
    const path = `${prefix}${name}`;
    const inner = field.type === 'array' ? [withoutNull(field.items ?? {}), '[].'] : [field, '.'];
    return [
      [
        code(path),
        typeWords(field),
        required.includes(name) ? '**required**' : defaultWords(field),
        words(field.description ?? ''),
      ],
      ...rowsUnder(inner[0], `${path}${inner[1]}`, words),
    ];
  });
}

const defaultWords = ({ default: value }) =>
  value === undefined || value === null ? '' : code(JSON.stringify(value));

/** The top-level fields of an answer, in one line; empty if its schema names none. */
export function answerWords({ properties = {}, required = [] }) {
  return Object.entries(properties)
    .map(([name, field]) => {
      const mark = required.includes(name) ? '' : '?';
      return `${code(name)}${mark} ${typeWords(withoutNull(field))}`;
    })
    .join('; ');
}

/** A type in words, e.g. `integer, 1 to 50`. */
function typeWords(field) {
  const { type, enum: values, anyOf, const: only } = field;
  if (values !== undefined) return oneOf(values);
  if (only !== undefined) return code(only);
  if (anyOf !== undefined) return anyOf.map(typeWords).join(' or ');
  return (WORDS[type] ?? (() => 'anything'))(field);
}

const oneOf = (values) => `${values.length > 1 ? 'one of ' : ''}${values.map(code).join(', ')}`;

const WORDS = {
  string: ({ format, pattern, minLength, maxLength }) => {
    const length = bounds(minLength === 1 ? undefined : minLength, maxLength);
    return [
      format === 'date-time' ? 'time by RFC 3339' : 'string',
      ...(length === '' ? [] : [`${length} characters`]),
      ...(pattern === undefined ? [] : [`as ${code(pattern)}`]),
    ].join(', ');
  },
  integer: (field) => numberWords('integer', field),
  number: (field) => numberWords('number', field),
  boolean: () => 'boolean',
  array: ({ items = {}, minItems, maxItems }) => {
    const length = bounds(minItems, maxItems);
    return `list of ${length === '' ? '' : `${length} × `}${typeWords(withoutNull(items))}`;
  },
  object: ({ additionalProperties: values }) =>
    typeof values === 'object' && Object.keys(values).length > 0
      ? `object of ${typeWords(withoutNull(values))}`
      : 'object',
};

function numberWords(word, { minimum, maximum, exclusiveMinimum, exclusiveMaximum }) {
  return [
    word,
    bounds(minimum, maximum),
    exclusiveMinimum === undefined ? '' : `> ${exclusiveMinimum}`,
    exclusiveMaximum === undefined ? '' : `&lt; ${exclusiveMaximum}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function bounds(least, most) {
  if (least === undefined) return most === undefined ? '' : `≤ ${most}`;
  if (most === undefined) return `≥ ${least}`;
  return least === most ? `${least}` : `${least} to ${most}`;
}

function withoutNull(field) {
  const { anyOf, type, enum: values, ...rest } = field;
  const others = anyOf?.filter(({ type: it }) => it !== 'null');
  if (others?.length === 1) return withoutNull({ ...others[0], ...rest });
  return {
    ...rest,
    ...(others !== undefined && { anyOf: others }),
    ...(type !== undefined && {
      type: Array.isArray(type) ? type.find((it) => it !== 'null') : type,
    }),
    ...(values !== undefined && { enum: values.filter((it) => it !== null) }),
  };
}
