import type { Prompt, PromptMessage } from '@modelcontextprotocol/sdk/types.js';
import type { PromptOffer } from '../../src/prompts/prompt_offer.ts';
import type { Known } from '../../src/resources/resource_offer.ts';
import { RED_PIXEL } from './fixture_media.ts';

interface FixturePrompt {
  readonly listing: Prompt;
  readonly content: (args: Known) => readonly PromptMessage['content'][];
}

const text = (words: string) => ({ type: 'text', text: words }) as const;

const PROMPTS: readonly FixturePrompt[] = [
  {
    listing: { name: 'test_simple_prompt', description: 'A prompt without arguments' },
    content: () => [text('This is a simple prompt for testing.')],
  },
  {
    listing: {
      name: 'test_prompt_with_arguments',
      description: 'A prompt that repeats its arguments',
      arguments: [
        { name: 'arg1', description: 'First test argument', required: true },
        { name: 'arg2', description: 'Second test argument', required: true },
      ],
    },
    content: ({ arg1, arg2 }) => [text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
  },
  {
    listing: {
      name: 'test_prompt_with_embedded_resource',
      description: 'A prompt that carries a resource',
      arguments: [
        { name: 'resourceUri', description: 'URI of the resource to embed', required: true },
      ],
    },
    content: ({ resourceUri }) => [
      {
        type: 'resource',
        resource: {
          uri: String(resourceUri),
          mimeType: 'text/plain',
          text: 'Embedded resource content for testing.',
        },
      },
      text('Please process the embedded resource above.'),
    ],
  },
  {
    listing: { name: 'test_prompt_with_image', description: 'A prompt that carries an image' },
    content: () => [{ type: 'image', ...RED_PIXEL }, text('Please analyze the image above.')],
  },
];

/** What an argument may be, by the argument's name. */
const COMPLETIONS: Readonly<Record<string, readonly string[]>> = {
  arg1: ['paris', 'park', 'party', 'test value'],
};

export const fixturePrompts: PromptOffer = {
  listings: PROMPTS.map(({ listing }) => listing),
  get(name, args) {
    const prompt = PROMPTS.find(({ listing }) => listing.name === name);
    if (prompt === undefined) return undefined;
    const messages = prompt.content(args).map((content) => ({ role: 'user', content }) as const);
    return Promise.resolve({ messages });
  },
  complete: async (_name, { name, value }) =>
    (COMPLETIONS[name] ?? []).filter((it) => it.startsWith(value)),
};
