/**
 * Counted by whoever writes a stream, so that an event has its id also while Redis is away. One stream of a
 * session, which answers no request, is written by each server that has the session: whoever finds another's
 * event before its own begins anew behind it. An event that could not be kept is not missed across that.
 */
export interface StreamPosition {
  /** When its writer began with the stream, in epoch milliseconds, or just behind another's begin. */
  readonly begun: number;
  /** From 1. */
  readonly count: number;
}

const POSITION = /^(\d{1,15})-(\d{1,15})$/;

/** Of the same form as Redis's own ids of entries, and used as such. */
export function positionText({ begun, count }: StreamPosition): string {
  return `${begun}-${count}`;
}

export function parsePosition(text: string): StreamPosition | undefined {
  const [, begun, count] = POSITION.exec(text) ?? [];
  if (begun === undefined || count === undefined) return undefined;
  return { begun: Number(begun), count: Number(count) };
}

export function nextPosition({ begun, count }: StreamPosition): StreamPosition {
  return { begun, count: count + 1 };
}

export function isSame(one: StreamPosition, other: StreamPosition): boolean {
  return one.begun === other.begun && one.count === other.count;
}

/** Whether no event can be missing between the two. */
export function isNext(after: StreamPosition, before: StreamPosition): boolean {
  return after.begun === before.begun ? after.count === before.count + 1 : after.count === 1;
}
