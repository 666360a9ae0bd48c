import { z } from 'zod';
import { catalogue } from '../operations/catalogue.ts';
import { exchangeFaults, faultSchemaOf } from './fault_queue.ts';

const STORAGE_EVENTS = ['storage.put', 'storage.get'] as const;
const targets = new Set<string>([...STORAGE_EVENTS, ...catalogue.map(({ id }) => id)]);
const bytes = () => z.number().int().min(0);

const actionSchema = z.union([
  /** `body`: JSON on an operation, a message at storage. */
  exchangeFaults.status,
  /** At storage: answer as if the URL had expired. On an operation: hand out an expired URL. */
  z.object({ expire: z.literal(true) }).strict(),
  /** The bytes are those received (PUT) or sent (the rest). */
  exchangeFaults.cut,
  exchangeFaults.stall,
  exchangeFaults.loseAnswer,
  /** Storage only: state a wrong CRC32C and MD5, or a stored length that is one byte too long. */
  z.object({ lie: z.enum(['checksum', 'length']) }).strict(),
  /** Send (or, on PUT, keep) only so many bytes, in an answer that looks whole. */
  z.object({ truncate_to_bytes: bytes() }).strict(),
  /** PUT only: answer while the request body is still arriving, then close. */
  z.object({ early_refusal: z.object({ status: z.number().int(), code: z.string() }) }).strict(),
  /** Take (PUT) or send (the rest) the body no faster than this. */
  z.object({ bytes_per_second: z.number().int().min(1) }).strict(),
  /** GET of an object only: put one of the same size and other bytes in its place, then answer. */
  z.object({ replace_object: z.literal(true) }).strict(),
  /** GET of an object only: send all of it, whatever range was asked for. */
  z.object({ ignore_range: z.literal(true) }).strict(),
]);

/** A fault to act out: on an operation of the catalogue, or at storage. */
export const faultSchema = faultSchemaOf(
  z.string().refine((name) => targets.has(name), 'no such operation or storage event'),
  actionSchema,
);

export type Fault = z.input<typeof faultSchema>;
export type FaultAction = z.output<typeof actionSchema>;
