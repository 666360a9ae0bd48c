/** How a client puts it that it waited long enough, in the reason of its `notifications/cancelled`. */
const TIMEOUT_WORDS: readonly RegExp[] = [
  // The code of `RequestTimeout`: TypeScript SDK, also for its longest total time.
  /\bMCP error -32001\b/,
  // "timed out after 60s": Python SDK 2. "timed out": clients that build on the Rust SDK.
  /\btimed out\b/i,
  // "request timeout": Rust SDK. "Timeout": LangChain4j. "TimeoutError: …": `AbortSignal.timeout`.
  /timeout/i,
  // "context deadline exceeded": Go SDK.
  /\bdeadline exceeded\b/i,
];
/** A reason is text of any length from elsewhere; the words above come at its start. */
const LOOKED_AT_CHARS = 200;

/**
 * True if a client sent a cancellation because its own patience ended. The protocol asks clients to
 * send one then, but nobody asked for the work to be undone: hosts call again. Where in doubt a
 * transfer that goes on is the smaller harm, since it can still be cancelled.
 */
export function isClientTimeout(reason: unknown): boolean {
  if (typeof reason !== 'string') return false;
  const words = reason.slice(0, LOOKED_AT_CHARS);
  return TIMEOUT_WORDS.some((pattern) => pattern.test(words));
}

/** The client waits no longer for this call; what the call has started goes on. */
export class ClientGaveUp extends Error {
  override readonly name = 'AbortError';

  constructor() {
    super('the client waited no longer');
  }
}
