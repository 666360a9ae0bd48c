import type { Incoming } from './received_body.ts';
import type { World } from './world.ts';

/** One call: what came, to which service, and what its path and query name. */
export interface Exchange {
  readonly world: World;
  readonly incoming: Incoming;
  readonly url: URL;
  /** The id in the path; empty where there is none. */
  readonly id: string;
  /** The last word of the path, where it is a name too. */
  readonly part: string;
}

/** A header that came once. */
export function header({ incoming }: Exchange, name: string): string | undefined {
  const value = incoming.request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
