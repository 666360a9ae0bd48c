import {
  type CallToolResult,
  CreateMessageResultSchema,
  type ElicitRequestFormParams,
  ElicitResultSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { portableInput } from '../../src/tools/portable_schema.ts';
import type { ToolCall } from '../../src/tools/tool.ts';
import type { RequestExtra, ToolOffer } from '../../src/tools/tool_offer.ts';
import { EACH_CHOICE, EACH_DEFAULT, NAME_AND_ADDRESS } from './fixture_elicitations.ts';
import { RED_PIXEL, SILENCE } from './fixture_media.ts';
import jsonSchema202012 from './json_schema_2020_12.json' with { type: 'json' };

type Listing = ToolOffer['listings'][number];

/** One running call of a fixture: what it was given, and how it reaches the client. */
interface FixtureCall extends ToolCall {
  readonly args: unknown;
  readonly extra: RequestExtra;
}

interface FixtureTool {
  readonly description: string;
  readonly inputSchema?: Listing['inputSchema'];
  answer(call: FixtureCall): Promise<CallToolResult>;
}

/** The scenarios ask for it between two steps of one call. */
const STEP_MS = 50;

const samplingInput = z.object({ prompt: z.string() });
const elicitationInput = z.object({ message: z.string() });

const text = (words: string) => ({ type: 'text', text: words }) as const;
const says = (words: string): CallToolResult => ({ content: [text(words)] });

const TOOLS: Readonly<Record<string, FixtureTool>> = {
  test_simple_text: {
    description: 'Answers with a text',
    answer: async () => says('This is a simple text response for testing.'),
  },
  test_image_content: {
    description: 'Answers with an image',
    answer: async () => ({ content: [{ type: 'image', ...RED_PIXEL }] }),
  },
  test_audio_content: {
    description: 'Answers with a sound',
    answer: async () => ({ content: [{ type: 'audio', ...SILENCE }] }),
  },
  test_embedded_resource: {
    description: 'Answers with a resource',
    answer: async () => ({
      content: [
        {
          type: 'resource',
          resource: {
            uri: 'test://embedded-resource',
            mimeType: 'text/plain',
            text: 'This is an embedded resource content.',
          },
        },
      ],
    }),
  },
  test_multiple_content_types: {
    description: 'Answers with a text, an image and a resource',
    answer: async () => ({
      content: [
        text('Multiple content types test:'),
        { type: 'image', ...RED_PIXEL },
        {
          type: 'resource',
          resource: {
            uri: 'test://mixed-content-resource',
            mimeType: 'application/json',
            text: '{"test":"data","value":123}',
          },
        },
      ],
    }),
  },
  test_tool_with_logging: {
    description: 'Tells three messages for the log',
    async answer({ tell, clock, signal }) {
      tell('info', 'Tool execution started');
      await clock.wait(STEP_MS, signal);
      tell('info', 'Tool processing data');
      await clock.wait(STEP_MS, signal);
      tell('info', 'Tool execution completed');
      return says('Three messages were told.');
    },
  },
  test_error_handling: {
    description: 'Fails always',
    answer: async () => ({
      ...says('This tool intentionally returns an error for testing'),
      isError: true,
    }),
  },
  test_tool_with_progress: {
    description: 'Tells its progress three times',
    async answer({ notify, clock, signal }) {
      notify?.({ progress: 0, total: 100, message: 'begun' });
      await clock.wait(STEP_MS, signal);
      notify?.({ progress: 50, total: 100, message: 'half done' });
      await clock.wait(STEP_MS, signal);
      notify?.({ progress: 100, total: 100, message: 'done' });
      return says('Progress was told.');
    },
  },
  test_sampling: {
    description: "Asks the client's model",
    inputSchema: portableInput(samplingInput),
    async answer({ args, extra, signal }) {
      const { prompt } = samplingInput.parse(args);
      const messages = [{ role: 'user', content: text(prompt) } as const];
      const { content } = await extra.sendRequest(
        { method: 'sampling/createMessage', params: { messages, maxTokens: 100 } },
        CreateMessageResultSchema,
        { signal },
      );
      return says(`LLM response: ${content.type === 'text' ? content.text : content.type}`);
    },
  },
  test_elicitation: {
    description: "Asks the client's user",
    inputSchema: portableInput(elicitationInput),
    async answer(call) {
      const { message } = elicitationInput.parse(call.args);
      return says(`User response: ${await elicited(call, message, NAME_AND_ADDRESS)}`);
    },
  },
  test_elicitation_sep1034_defaults: {
    description: "Asks the client's user, with a default for each value",
    answer: async (call) =>
      says(`Elicitation completed: ${await elicited(call, 'Values with defaults', EACH_DEFAULT)}`),
  },
  test_elicitation_sep1330_enums: {
    description: "Asks the client's user to choose, in each way that there is",
    answer: async (call) =>
      says(`Elicitation completed: ${await elicited(call, 'Choices', EACH_CHOICE)}`),
  },
  test_reconnection: {
    description: 'Closes its stream before it answers',
    async answer({ extra, clock, signal }) {
      extra.closeSSEStream?.();
      await clock.wait(2 * STEP_MS, signal);
      return says('The stream was closed before this answer.');
    },
  },
  json_schema_2020_12_tool: {
    description: 'Tool with JSON Schema 2020-12 features',
    inputSchema: { ...jsonSchema202012, type: 'object' },
    answer: async ({ args }) => says(`It was called with ${JSON.stringify(args)}.`),
  },
};

async function elicited(
  { extra, signal }: FixtureCall,
  message: string,
  requestedSchema: ElicitRequestFormParams['requestedSchema'],
): Promise<string> {
  const { action, content } = await extra.sendRequest(
    { method: 'elicitation/create', params: { mode: 'form', message, requestedSchema } },
    ElicitResultSchema,
    { signal },
  );
  return `action=${action}, content=${JSON.stringify(content)}`;
}

export const fixtureTools: ToolOffer = {
  listings: Object.entries(TOOLS).map(([name, { description, inputSchema }]) => ({
    name,
    description,
    inputSchema: inputSchema ?? { type: 'object' },
  })),
  call: (name, args, call, extra) => TOOLS[name]?.answer({ ...call, args, extra }),
};
