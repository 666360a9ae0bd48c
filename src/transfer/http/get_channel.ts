import { DirectGetChannel, type DirectGetWorld } from './direct_get.ts';
import type { GetChannel } from './get_answer.ts';
import { UndiciGetChannel, type UndiciGetWorld } from './undici_get.ts';

export interface GetChannelWorld extends DirectGetWorld, UndiciGetWorld {
  /** Whether a request has to go through the dispatcher. */
  isProxied(url: URL): boolean;
}

/** A channel that goes through the proxy where one applies, else directly. */
export function createGetChannel(world: GetChannelWorld): GetChannel {
  const direct = new DirectGetChannel(world);
  const proxied = new UndiciGetChannel(world);
  return {
    get: (url, headers, signal) =>
      (world.isProxied(url) ? proxied : direct).get(url, headers, signal),
    close() {
      direct.close();
      proxied.close();
    },
  };
}
