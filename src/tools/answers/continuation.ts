import type { Paging } from '../../operations/operation.ts';
import type { OperationCall } from './operation_call.ts';

/** An answer with a list, of which the first records that were not passed over are shown. */
export interface AnsweredPage {
  /** The input of the call, and the name of its field for how many records are wanted. */
  readonly body: OperationCall['body'];
  readonly sizeField: string | undefined;
  /** Records of the answer that were passed over. */
  readonly skip: number;
  /** Records of the answer. */
  readonly count: number;
  /** Of those after the ones passed over, so many can be shown: at least one if there are any. */
  readonly shown: number;
  /** Of all answers, as this one states it. */
  readonly total: number | undefined;
  /** By which the answer after this one is asked for. */
  readonly token: string | undefined;
}

/** How a list goes on: what is shown now, and what the next call changes. */
export interface Continuation {
  /** Fewer than can be shown where the next call could not begin after those. */
  readonly shown: number;
  readonly next?: {
    readonly body?: Readonly<Record<string, unknown>>;
    readonly skip?: number;
  };
}

/** For each family: what follows the records shown, so that none is missed and none comes twice. */
export function continuation(paging: Paging | undefined, page: AnsweredPage): Continuation {
  if (paging === undefined) return passingOver(page);
  return FAMILIES[paging](page);
}

/** Where the first record of the answer stands among all of them, where that is known. */
export function startOf(paging: Paging | undefined, page: AnsweredPage): number | undefined {
  if (paging === 'offset') return numberIn(page, 'offset') ?? 0;
  if (paging !== 'page') return undefined;
  const number = numberIn(page, 'page') ?? 0;
  const size = sizeOf(page);
  return number === 0 ? 0 : size && number * size;
}

const FAMILIES: Readonly<Record<Paging, (page: AnsweredPage) => Continuation>> = {
  offset(page) {
    const { skip, shown } = page;
    if (!isCut(page) && !goesOn('offset', page)) return { shown };
    return { shown, next: { body: { offset: (startOf('offset', page) ?? 0) + skip + shown } } };
  },

  page(page) {
    const { shown, count, sizeField } = page;
    if (isCut(page)) return smallerPages(page) ?? passingOver(page);
    if (!goesOn('page', page)) return { shown };
    const number = numberIn(page, 'page') ?? 0;
    // A server that gives fewer than it is asked for counts its pages by that, so it is asked for that.
    const size = number === 0 && sizeField !== undefined ? { [sizeField]: count } : {};
    return { shown, next: { body: { page: number + 1, ...size } } };
  },

  token(page) {
    const { shown, count, token } = page;
    if (isCut(page)) return passingOver(page);
    // A server may well state one more after the last record.
    if (token === undefined || count === 0) return { shown };
    return { shown, next: { body: { next: token } } };
  },
};

/** The same call once more, of whose answer the part that was seen is passed over. */
function passingOver(page: AnsweredPage): Continuation {
  const { skip, shown } = page;
  return isCut(page) ? { shown, next: { skip: skip + shown } } : { shown };
}

/**
 * Pages of another size, one of which begins right after the records shown. Undefined where that would
 * show less than half of what can be, as with a size that is a prime number.
 */
function smallerPages(page: AnsweredPage): Continuation | undefined {
  const { count, skip, shown, sizeField } = page;
  const start = startOf('page', page);
  // A server that gives less than it is asked for may count its pages by that.
  const isSure = start === 0 || count === sizeOf(page);
  if (start === undefined || sizeField === undefined || !isSure) return undefined;
  const first = start + skip;
  let size = shown;
  while (first % size !== 0) size -= 1;
  if (size * 2 < shown) return undefined;
  return { shown: size, next: { body: { page: first / size + 1, [sizeField]: size } } };
}

function isCut({ skip, shown, count }: AnsweredPage): boolean {
  return skip + shown < count;
}

/** A page that is not full is the last, unless the answer itself states that there is more. */
function goesOn(paging: Paging, page: AnsweredPage): boolean {
  const { count, total } = page;
  if (count === 0) return false;
  const size = sizeOf(page);
  if (size === undefined || count >= size) return true;
  const start = startOf(paging, page);
  return total !== undefined && start !== undefined && start + count < total;
}

function sizeOf(page: AnsweredPage): number | undefined {
  return page.sizeField === undefined ? undefined : numberIn(page, page.sizeField);
}

function numberIn({ body }: AnsweredPage, field: string): number | undefined {
  const value = body[field];
  return typeof value === 'number' ? value : undefined;
}
