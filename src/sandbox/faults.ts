import { z } from 'zod';
import { catalogue } from '../operations/catalogue.ts';

const STORAGE_EVENTS = ['storage.put', 'storage.get'] as const;
const targets = new Set<string>([...STORAGE_EVENTS, ...catalogue.map(({ id }) => id)]);
const bytes = () => z.number().int().min(0);

const actionSchema = z.union([
  /** Answer this status and do nothing else. `body`: JSON on an operation, a message at storage. */
  z
    .object({
      status: z.number().int().min(200).max(599),
      body: z.unknown(),
      retry_after: z.union([z.string(), z.number()]).optional(),
      headers: z.record(z.string()).optional(),
    })
    .strict(),
  /** At storage: answer as if the URL had expired. On an operation: hand out an expired URL. */
  z.object({ expire: z.literal(true) }).strict(),
  /** Close the connection after so many body bytes, received (PUT) or sent (the rest). */
  z.object({ cut_after_bytes: bytes() }).strict(),
  /** Go silent after so many body bytes, until the client leaves. */
  z.object({ stall_after_bytes: bytes() }).strict(),
  /** Do the work, then close the connection instead of answering. */
  z.object({ lose_answer: z.literal(true) }).strict(),
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

/** A fault to act out: on what, how often, after how many untouched requests, and what happens. */
export const faultSchema = z
  .object({
    on: z.string().refine((name) => targets.has(name), 'no such operation or storage event'),
    times: z.number().int().min(1).default(1),
    after: z.number().int().min(0).default(0),
    do: actionSchema,
  })
  .strict();

export type Fault = z.input<typeof faultSchema>;
export type FaultAction = z.output<typeof actionSchema>;

/** The faults that still wait for their request. */
export class FaultQueue {
  #waiting: z.output<typeof faultSchema>[] = [];
  #struck = 0;

  /** How many requests were struck so far. */
  get struck(): number {
    return this.#struck;
  }

  /** @throws ZodError if the fault is not one. */
  inject(fault: unknown): void {
    this.#waiting.push(faultSchema.parse(fault));
  }

  /** Forgets the faults that still wait; what has struck goes on. */
  clear(): void {
    this.#waiting = [];
  }

  /** The fault for the request at hand, if one is due; it counts as used. */
  take(event: string): FaultAction | undefined {
    for (const fault of this.#waiting) {
      if (fault.on !== event) continue;
      if (fault.after > 0) {
        fault.after -= 1;
        continue;
      }
      fault.times -= 1;
      this.#waiting = this.#waiting.filter(({ times }) => times > 0);
      this.#struck += 1;
      return fault.do;
    }
    return undefined;
  }
}
