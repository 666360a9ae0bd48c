/** One call's own signal, which follows others until it is released. */
export interface CallSignal {
  readonly signal: AbortSignal;
  release(): void;
}

/** A signal to follow, and what to abort with when it does: clients send any text as their reason. */
export interface FollowedSignal {
  readonly signal: AbortSignal;
  reason(given: unknown): Error;
}

/** Follows several signals. Unlike `AbortSignal.any` it leaves nothing behind on a long-lived one. */
export function callSignal(sources: readonly FollowedSignal[]): CallSignal {
  const controller = new AbortController();
  const followed = sources.map(({ signal, reason }) => {
    const follow = () => controller.abort(reason(signal.reason));
    if (signal.aborted) follow();
    signal.addEventListener('abort', follow, { once: true });
    return () => signal.removeEventListener('abort', follow);
  });
  return {
    signal: controller.signal,
    release: () => {
      for (const unfollow of followed) unfollow();
    },
  };
}
