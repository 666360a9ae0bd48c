import type { z } from 'zod';
import type { ServiceClient } from './http/service_client.ts';
import type { ServiceRequest } from './http/service_request.ts';

/**
 * What a call of an endpoint does: it only looks; it adds something; it may put something in the place of what
 * was there; it takes something away.
 */
export type EndpointEffect = 'read' | 'write' | 'replace' | 'remove';

/** One request of a service, as data: its tool, its HTTP request and its retry rule follow from it. */
export interface Endpoint<
  Input extends z.AnyZodObject = z.AnyZodObject,
  Output extends z.ZodTypeAny = z.ZodTypeAny,
> {
  /** `opteryx.inspect_session`; its tool is called with an underscore for the dot. */
  readonly id: string;
  readonly title: string;
  /** For the model; its first sentence stands alone. */
  readonly summary: string;
  readonly effect: EndpointEffect;
  /** Whether to do it twice does no harm. */
  readonly repeatable: boolean;
  readonly answerSeconds: number;
  /** How many tries there are at most, where fewer or more than usual. */
  readonly tries?: number;
  /** Made when it is first asked for, as a start needs no model. */
  input(): Input;
  /** What is relied on of the answer; more may come. */
  output(): Output;
  /** Members of the answer that open something to whoever knows them. */
  readonly secrets?: readonly string[];
  request(input: z.output<Input>): Pick<ServiceRequest, 'method' | 'path' | 'json' | 'headers'>;
  /** What the user is asked first, for inputs of which they are. */
  asksFirst?(input: z.output<Input>): string | undefined;
}

export function defineEndpoint<Input extends z.AnyZodObject, Output extends z.ZodTypeAny>(
  endpoint: Endpoint<Input, Output>,
): Endpoint<Input, Output> {
  return endpoint;
}

/** Calls an endpoint. Throws `ServiceError`, or the signal's reason. */
export function callEndpoint<Input extends z.AnyZodObject, Output extends z.ZodTypeAny>(
  endpoint: Endpoint<Input, Output>,
  input: z.output<Input>,
  client: ServiceClient,
  signal: AbortSignal,
): Promise<z.output<Output>> {
  const { id: call, repeatable, answerSeconds, tries } = endpoint;
  const terms = {
    call,
    repeatable,
    answerSeconds,
    signal,
    ...(tries === undefined ? {} : { tries }),
  };
  return client.ask({ ...endpoint.request(input), ...terms }, endpoint.output());
}
