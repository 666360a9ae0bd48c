import { onTestFinished } from 'vitest';
import type { Connected, Way } from './ways.ts';
import {
  type Answer,
  answerOf,
  type CallOptions,
  type PreparedServer,
  prepareServer,
  type WorldOptions,
} from './world.ts';

/** A server on a sandbox of its own, and a client that reaches it in one of the ways. */
export interface WayWorld extends PreparedServer, Connected {
  call(tool: string, args: object, options?: CallOptions): Promise<Answer>;
}

/** As it is delivered: the short list, and questions before what spends or removes. */
export const AS_DELIVERED = { toolsets: undefined, confirm: 'auto' } as const;

/** Ends with the test. */
export async function openOver(way: Way, options: WorldOptions = {}): Promise<WayWorld> {
  const world = await startOver(way, options);
  onTestFinished(() => world.close());
  return world;
}

/** To be closed. */
export async function startOver(way: Way, options: WorldOptions = {}): Promise<WayWorld> {
  const prepared = await prepareServer({
    ...options,
    config: { ...AS_DELIVERED, ...options.config },
  });
  const connected = await way.connect(prepared);
  // From now on the client checks each answer against the tool's output schema.
  await connected.client.listTools();
  return {
    ...prepared,
    ...connected,
    call: async (tool, args, callOptions = {}) =>
      answerOf(await connected.callTool(tool, args, callOptions)),
    async close() {
      await connected.close();
      await prepared.close();
    },
  };
}
