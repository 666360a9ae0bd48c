/** Parts are numbered from the one to the other. */
export const FIRST_PART = 0;
export const LAST_PART = 999;

/** Of dots alone it would be a step in a path. */
const SESSION_ID = /^(?!\.+$)[\w.:~-]{1,200}$/;

/** Whether a text can be the id of a session, and be put into a path. */
export function isSessionId(text: string): boolean {
  return SESSION_ID.test(text);
}

/**
 * The path of a session's request. A session also answers a URL of its own; it is not used, so that our
 * token goes nowhere but to the service that is configured.
 */
export function sessionPath(sessionId: string, rest = ''): string {
  return `/v1/upload/${encodeURIComponent(sessionId)}${rest}`;
}
