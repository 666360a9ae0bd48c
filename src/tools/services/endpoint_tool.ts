import { z } from 'zod';
import { callEndpoint, type Endpoint, type EndpointEffect } from '../../connectors/endpoint.ts';
import { createServiceClient } from '../../connectors/http/service_client.ts';
import type { ServiceAccess } from '../../connectors/http/service_request.ts';
import { secretMembers } from '../answers/secret_members.ts';
import { type Hints, hints } from '../effect_hints.ts';
import { confirmation as confirmationArgument } from '../operations/confirmation_argument.ts';
import { defineTool, type Tool, type ToolAnswer } from '../tool.ts';
import { toolName } from '../tool_name.ts';
import { withConsent } from './with_consent.ts';

const EFFECT_HINTS: Readonly<Record<EndpointEffect, Hints>> = {
  read: hints({ readOnly: true, idempotent: true }),
  write: hints({}),
  replace: hints({ destructive: true }),
  remove: hints({ destructive: true, idempotent: true }),
};

const openObject = z.object({}).passthrough();

/** The tool of one endpoint. */
export function endpointTool<Input extends z.AnyZodObject, Output extends z.ZodTypeAny>(
  endpoint: Endpoint<Input, Output>,
  access: ServiceAccess,
  toolsets: readonly string[],
): Tool {
  const { id, title, summary, asksFirst } = endpoint;
  return defineTool({
    name: toolName(id),
    title,
    description: summary,
    toolsets,
    hints: EFFECT_HINTS[endpoint.effect],
    input: () =>
      asksFirst === undefined
        ? endpoint.input()
        : endpoint.input().extend({ confirmation: confirmationArgument() }),
    async run({ confirmation, ...rest }, call) {
      const input = endpoint.input().parse(rest);
      const question = asksFirst?.(input);
      const act = { id, question, input, confirmation };
      return withConsent(act, call, async () => {
        const client = createServiceClient(access, call.context.engine);
        const answer: unknown = await callEndpoint(endpoint, input, client, call.signal);
        return factsOf(answer, endpoint.secrets ?? []);
      });
    },
  });
}

/** What a service answered, as a call gives it back, with what it holds of secrets. */
function factsOf(answer: unknown, secretNames: readonly string[]): ToolAnswer {
  const object = openObject.safeParse(answer);
  const facts = object.success ? object.data : { answer: answer ?? null };
  const secrets = secretMembers(facts, secretNames);
  return secrets.length === 0 ? { facts } : { facts, secrets };
}
