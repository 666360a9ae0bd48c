import { jsonTokens, tokensOf } from './tool_list_figures.mjs';

/**
 * One wish from the search to the answer, as an agent does it that has read the default list alone.
 *
 * @param {object} trip a row of TRIPS
 * @param {Record<string, object>} before what earlier trips were answered, by operation
 * @returns what each step cost, and the answer; no answer if the server has none
 */
export async function roundTrip(session, trip, before) {
  const { wishes, operation } = trip;
  const steps = [];
  const call = async (name, args) => {
    const { cost, result } = await called(session, name, args);
    steps.push({ tool: name, ...cost });
    return result;
  };

  const caller = await foundCaller(trip, call);
  await call('describe_operation', { operation });
  const args = trip.argumentsFrom?.(before) ?? trip.arguments;
  let result = await call(caller, { operation, arguments: args });
  const { confirmation } = result.structuredContent ?? {};
  if (confirmation !== undefined) {
    result = await call(caller, { operation, arguments: args, confirmation });
  }
  const total = steps.reduce((sum, { asked, read }) => sum + asked + read, 0);
  return {
    figures: { wish: wishes[0], operation, tokens: total, answered: !result.isError, steps },
    answer: result.structuredContent,
  };
}

/** Searches in other words until the operation is among what is found. */
async function foundCaller({ wishes, operation }, call) {
  for (const query of wishes) {
    const { structuredContent } = await call('search_operations', { query });
    const hit = structuredContent.operations.find((it) => it.operation === operation);
    if (hit !== undefined) return hit.call_with;
  }
  throw new Error(`no search of its trip finds ${operation}`);
}

/** `asked` is what the model writes; `read` what it is shown: the text, which structured content repeats. */
async function called(session, name, args) {
  const params = { name, arguments: args };
  const result = await session.request({ method: 'tools/call', params });
  const texts = result.content.flatMap(({ type, text }) => (type === 'text' ? [text] : []));
  return { result, cost: { asked: jsonTokens(params), read: tokensOf(texts.join('')) } };
}
