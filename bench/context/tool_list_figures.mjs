const BYTES_PER_TOKEN = 4;

/** Tokens of what a model reads, by the rule of thumb that no tokenizer has to agree with: UTF-8 bytes / 4. */
export const tokensOf = (text) => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);

/** @param value as compact JSON */
export const jsonTokens = (value) => tokensOf(JSON.stringify(value));

/** What every host hands to its model; the rest of a listing is for hosts, or is not shown by all. */
const lean = ({ name, description, inputSchema }) => ({ name, description, inputSchema });

/**
 * What a list of tools costs whoever reads it.
 *
 * @param {{ tools: object[] }} result of tools/list, of all of its pages
 * @param {string | undefined} instructions what the server tells at the start, beside the list
 */
export function toolListFigures({ tools }, instructions) {
  const sizes = tools.map((tool) => ({ name: tool.name, tokens: jsonTokens(tool) }));
  const [largest] = sizes.sort((a, b) => b.tokens - a.tokens);
  const schemas = tools.map(({ inputSchema }) => Buffer.byteLength(JSON.stringify(inputSchema)));
  return {
    tools: tools.length,
    tokens: jsonTokens({ tools }),
    lean_tokens: jsonTokens({ tools: tools.map(lean) }),
    largest_tool: largest,
    largest_input_schema_bytes: Math.max(...schemas),
    instructions_tokens: tokensOf(instructions ?? ''),
  };
}
