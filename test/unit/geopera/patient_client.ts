import { createGeoperaClient, type GeoperaClientOptions } from '../../../src/geopera/client.ts';

/** A client that waits in no time, and keeps how long it would have waited. */
export function clientFor(apiUrl: string, more: Partial<GeoperaClientOptions> = {}) {
  const waits: number[] = [];
  const client = createGeoperaClient({
    apiUrl,
    token: () => 'gpra_test',
    wait: async (ms) => {
      waits.push(ms);
    },
    random: () => 0,
    ...more,
  });
  return { client, waits };
}
