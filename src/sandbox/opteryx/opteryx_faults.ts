import { z } from 'zod';
import { exchangeFaults, faultSchemaOf } from '../fault_queue.ts';

/** What a call is: the names that faults and counts go by. */
const opteryxEndpointSchema = z.enum([
  'token',
  'health',
  'start_session',
  'upload_part',
  'delete_part',
  'inspect',
  'commit',
  'v2.negotiate',
  'v2.get',
  'v2.amend',
  'v2.accept',
  'v2.data',
  'v2.commit',
  'v2.abandon',
]);

export type OpteryxEndpoint = z.output<typeof opteryxEndpointSchema>;

/** Bytes of `cut_after_bytes` and `stall_after_bytes` are those of the request's body. */
const actionSchema = z.union([
  exchangeFaults.status,
  exchangeFaults.cut,
  exchangeFaults.stall,
  exchangeFaults.loseAnswer,
  /** Take the request's body no faster than this. */
  z.object({ bytes_per_second: z.number().int().min(1) }).strict(),
  /** The token of this request is unknown from now on. */
  z.object({ expire_token: z.literal(true) }).strict(),
  /** The session or contract of this request is over from now on. */
  z.object({ expire_session: z.literal(true) }).strict(),
  /** The contract's target has changed since it was agreed. */
  z.object({ stale: z.literal(true) }).strict(),
]);

export const opteryxFaultSchema = faultSchemaOf(opteryxEndpointSchema, actionSchema);

/** A fault to act out: on which call, how often, after how many untouched ones, and what happens. */
export type OpteryxFault = z.input<typeof opteryxFaultSchema>;
export type OpteryxFaultAction = z.output<typeof actionSchema>;
