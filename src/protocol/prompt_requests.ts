import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CompleteRequestSchema,
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  McpError,
} from '@modelcontextprotocol/sdk/types.js';
import type { Offer } from '../offer.ts';
import { InvalidArguments } from '../tools/arguments.ts';
import { offeredTo } from './offered_to.ts';
import type { RunningRequests } from './running_requests.ts';

/** As many as a completion may hold, by the protocol. */
const MOST_VALUES = 100;

/** Answers `prompts/*`. */
export function servePrompts(server: Server, offer: Offer, requests: RunningRequests): void {
  server.setRequestHandler(ListPromptsRequestSchema, (_request, extra) => ({
    prompts: [...offeredTo(extra, offer).prompts.listings],
  }));
  server.setRequestHandler(GetPromptRequestSchema, ({ params }, extra) =>
    requests.run(extra, async (asked) => {
      try {
        const { prompts } = offeredTo(extra, offer);
        const prompt = await prompts.get(params.name, params.arguments ?? {}, asked);
        if (prompt !== undefined) return prompt;
      } catch (failure) {
        if (!(failure instanceof InvalidArguments)) throw failure;
        throw new McpError(ErrorCode.InvalidParams, failure.message);
      }
      throw new McpError(
        ErrorCode.InvalidParams,
        'There is no prompt of that name: see prompts/list',
      );
    }),
  );
}

/** Answers `completion/complete`, for arguments of prompts and variables of resource templates. */
export function serveCompletions(server: Server, offer: Offer, requests: RunningRequests): void {
  server.setRequestHandler(CompleteRequestSchema, ({ params }, extra) =>
    requests.run(extra, async (asked) => {
      const { ref, argument, context } = params;
      const known = context?.arguments ?? {};
      const { prompts, resources } = offeredTo(extra, offer);
      const values =
        ref.type === 'ref/prompt'
          ? await prompts.complete(ref.name, argument, known, asked)
          : await resources.complete(ref.uri, argument, known, asked);
      return {
        completion: {
          values: values.slice(0, MOST_VALUES),
          total: values.length,
          hasMore: values.length > MOST_VALUES,
        },
      };
    }),
  );
}
