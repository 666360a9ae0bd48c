import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { Log } from '../log.ts';
import type { Offer } from '../offer.ts';
import { ResourceNotFound } from '../resources/resource_offer.ts';
import { offeredTo } from './offered_to.ts';
import type { RunningRequests } from './running_requests.ts';

/** As the protocol has it; the SDK has no name for it. */
const RESOURCE_NOT_FOUND = -32002;
/** Of one client; one that asks for more is told to give some up. */
const MOST_SUBSCRIPTIONS = 100;

/** Answers `resources/*`, and tells a client that is remembered of changes until it is gone. */
export function serveResources(
  server: Server,
  offer: Offer,
  requests: RunningRequests,
  log: Log,
  memory: 'session' | 'none',
): { stopTelling(): void } {
  const watched = new Map<string, () => void>();
  const unwatch = (uri: string) => {
    watched.get(uri)?.();
    watched.delete(uri);
  };
  server.setRequestHandler(ListResourcesRequestSchema, (_request, extra) =>
    requests.run(extra, async (asked) => ({
      resources: [...(await offeredTo(extra, offer).resources.list(asked))],
    })),
  );
  server.setRequestHandler(ListResourceTemplatesRequestSchema, (_request, extra) => ({
    resourceTemplates: [...offeredTo(extra, offer).resources.templates],
  }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }, extra) =>
    requests.run(extra, (asked) =>
      found(offeredTo(extra, offer).resources.read(params.uri, asked)),
    ),
  );
  const stopTelling = () => [...watched.keys()].forEach(unwatch);
  if (memory === 'none') return { stopTelling };
  server.setRequestHandler(SubscribeRequestSchema, ({ params: { uri } }, extra) =>
    requests.run(extra, async (asked) => {
      if (watched.size >= MOST_SUBSCRIPTIONS && !watched.has(uri)) {
        throw new McpError(RESOURCE_NOT_FOUND, 'Too many subscriptions: end one of them first');
      }
      const changed = () => {
        server
          .sendResourceUpdated({ uri })
          .catch((err: unknown) => log.debug({ err }, 'a change was not told'));
      };
      const { resources } = offeredTo(extra, offer);
      const stop = await found(resources.watch(uri, changed, asked));
      unwatch(uri);
      watched.set(uri, stop);
      return {};
    }),
  );
  server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
    unwatch(params.uri);
    return {};
  });
  return { stopTelling };
}

async function found<Found>(looking: Promise<Found>): Promise<Found> {
  try {
    return await looking;
  } catch (failure) {
    if (!(failure instanceof ResourceNotFound)) throw failure;
    throw new McpError(RESOURCE_NOT_FOUND, 'Resource not found', { uri: failure.uri });
  }
}
