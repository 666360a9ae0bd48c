/** One call's own signal, which follows others until it is released. */
export interface CallSignal {
  readonly signal: AbortSignal;
  release(): void;
}

/**
 * Follows several signals and aborts with an `AbortError`, whatever reason they give: clients send
 * any text as theirs. Unlike `AbortSignal.any` it leaves nothing behind on a long-lived signal.
 */
export function callSignal(sources: Readonly<Record<string, AbortSignal>>): CallSignal {
  const controller = new AbortController();
  const followed = Object.entries(sources).map(([reason, source]) => {
    const follow = () => controller.abort(new DOMException(reason, 'AbortError'));
    if (source.aborted) follow();
    source.addEventListener('abort', follow, { once: true });
    return () => source.removeEventListener('abort', follow);
  });
  return {
    signal: controller.signal,
    release: () => {
      for (const unfollow of followed) unfollow();
    },
  };
}
