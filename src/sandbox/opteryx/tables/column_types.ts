import { isIPv4 } from 'node:net';
import type { Cell } from './cells.ts';

const ALIASES: Readonly<Record<string, string>> = {
  INT: 'INT64',
  INTEGER: 'INT64',
  BIGINT: 'INT64',
  FLOAT: 'FLOAT64',
  DOUBLE: 'FLOAT64',
  BOOL: 'BOOLEAN',
  STRING: 'VARCHAR',
  TEXT: 'VARCHAR',
};

const INT64_LIMIT = 2n ** 63n;
const isInteger = (text: string) => {
  if (!/^[+-]?\d{1,19}$/.test(text)) return false;
  const value = BigInt(text.replace('+', ''));
  return value >= -INT64_LIMIT && value < INT64_LIMIT;
};
const isNumber = (text: string) => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
const isBoolean = (text: string) => /^(true|false)$/i.test(text);
/** `Date` takes 30 February for 2 March; a day that comes back as another is none. */
const isDay = (text: string) => {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
};
const isDate = (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text) && isDay(text);
const isTimestamp = (text: string) =>
  /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/.test(text) &&
  isDay(text.slice(0, 'YYYY-MM-DD'.length)) &&
  !Number.isNaN(Date.parse(text));

/** Which texts can be stored as which type. */
const TAKES: Readonly<Record<string, (text: string) => boolean>> = {
  VARCHAR: () => true,
  INT64: isInteger,
  FLOAT64: isNumber,
  BOOLEAN: isBoolean,
  DATE: isDate,
  TIMESTAMP: isTimestamp,
  IPV4: isIPv4,
};

/** What becomes of a column. */
export type ColumnAction =
  | 'keep'
  | 'widen'
  | 'retag'
  | 'cast'
  | 'undeclared'
  | 'unsupported'
  | 'ignored';

/** The type without its unit and under its first name: `TIMESTAMP[us]` is a TIMESTAMP. */
function plainType(type: string): string {
  const [base = ''] = type.toUpperCase().split('[');
  return ALIASES[base] ?? base;
}

export function isKnownType(type: string): boolean {
  return plainType(type) in TAKES;
}

/** Whether a column of this type can hold the value. Nothing and empty text fit every column. */
export function isCastable(cell: Cell, type: string): boolean {
  if (cell === null || cell === '') return true;
  const takes = TAKES[plainType(type)];
  return takes === undefined || takes(String(cell));
}

/**
 * The type that a value arrives with; undefined for none.
 *
 * @param isText whether everything is text, so that a number can only be told by its looks
 */
export function arrivalType(cell: Cell, isText: boolean): string | undefined {
  if (cell === null || (isText && cell === '')) return undefined;
  if (typeof cell === 'boolean') return 'BOOLEAN';
  if (typeof cell === 'string' && !isText) return 'VARCHAR';
  const text = String(cell);
  if (isInteger(text)) return 'INT64';
  if (isNumber(text)) return 'FLOAT64';
  return isBoolean(text) ? 'BOOLEAN' : 'VARCHAR';
}

const NUMBERS: ReadonlySet<string> = new Set(['INT64', 'FLOAT64']);

/** The type that holds the values of both. */
export function widerType(first: string | undefined, second: string | undefined): string {
  if (first === undefined || second === undefined) return first ?? second ?? 'VARCHAR';
  if (first === second) return first;
  return NUMBERS.has(first) && NUMBERS.has(second) ? 'FLOAT64' : 'VARCHAR';
}

export function actionOf(from: string, to: string): ColumnAction {
  if (!isKnownType(to)) return 'unsupported';
  if (plainType(from) === plainType(to)) return from === to ? 'keep' : 'retag';
  return plainType(from) === 'INT64' && plainType(to) === 'FLOAT64' ? 'widen' : 'cast';
}
