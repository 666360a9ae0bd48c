import { ProblemError } from './problems.ts';

/** Milliseconds since the epoch, both ends included; an open end is infinite. */
export interface Interval {
  readonly from: number;
  readonly to: number;
}

const DATE = /^\d{4}-\d\d-\d\d$/;
const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)?$/;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Reads a time or an interval as STAC searches write it: `2024-01-01/2024-06-30`, with `..` or nothing for
 * an open end. A date alone stands for all of its day, and a time without a zone is taken as UTC.
 *
 * @throws ProblemError 422
 */
export function readInterval(text: string): Interval {
  const parts = text.split('/');
  const [first = '', second = first] = parts;
  const from = bound(first, 'from');
  const to = bound(second, 'to');
  const allOpen = parts.length === 1 && isOpen(first);
  const unread = Number.isNaN(from) || Number.isNaN(to);
  if (parts.length > 2 || allOpen || unread || from > to) {
    throw new ProblemError(422, 'datetime is neither a time nor an interval of RFC 3339');
  }
  return { from, to };
}

function isOpen(text: string): boolean {
  return text === '..' || text === '';
}

function bound(text: string, end: keyof Interval): number {
  if (isOpen(text)) return end === 'from' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (DATE.test(text)) return Date.parse(text) + (end === 'to' ? DAY_MS - 1 : 0);
  if (!DATE_TIME.test(text)) return Number.NaN;
  const zoned = /([Zz]|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`;
  return Date.parse(zoned.replace(' ', 'T'));
}
