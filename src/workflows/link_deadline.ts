const MINUTE_MS = 60_000;
/** A link's user may have begun at its last moment, and is then to finish. */
const AFTER_LINKS_MS = 15 * MINUTE_MS;
/** Between a link and its use there is a person. */
const LEAST_MS = 60 * MINUTE_MS;
/** However long a link lives: quota that nobody uses is given back after a day. */
const MOST_MS = 24 * 60 * MINUTE_MS;

/** For an attempt to finish, longer than the API takes for it, and again after one that came too early. */
export const TO_FINISH_MS = 15 * MINUTE_MS;

/** Until when a session waits for files whose links were signed now; all in epoch milliseconds. */
export function deadlineOf(linksEndAt: number | undefined, now: number): number {
  const wanted = Math.max(now + LEAST_MS, (linksEndAt ?? now) + AFTER_LINKS_MS);
  return Math.min(wanted, now + MOST_MS);
}
