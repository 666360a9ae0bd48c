/** Counted by whoever writes a stream, so that an event has its id also while Redis is away. */
export interface StreamPosition {
  /** When its writer began with the stream, in epoch milliseconds: later writers count on behind it. */
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
