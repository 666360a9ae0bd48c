import { z } from 'zod';

const bytes = () => z.number().int().min(0);

/** What can go wrong with any exchange, whoever is acted out; to be joined with what is special. */
export const exchangeFaults = {
  /** Answer this status and do nothing else. What form `body` takes is up to who answers. */
  status: z
    .object({
      status: z.number().int().min(200).max(599),
      body: z.unknown(),
      retry_after: z.union([z.string(), z.number()]).optional(),
      headers: z.record(z.string()).optional(),
    })
    .strict(),
  /** Close the connection after so many body bytes. */
  cut: z.object({ cut_after_bytes: bytes() }).strict(),
  /** Go silent after so many body bytes, until the client leaves. */
  stall: z.object({ stall_after_bytes: bytes() }).strict(),
  /** Do the work, then close the connection instead of answering. */
  loseAnswer: z.object({ lose_answer: z.literal(true) }).strict(),
};

/** A fault to act out: on what, how often, after how many untouched requests, and what happens. */
export function faultSchemaOf<On extends z.ZodType<string>, Action extends z.ZodTypeAny>(
  on: On,
  action: Action,
) {
  return z
    .object({
      on,
      times: z.number().int().min(1).default(1),
      after: z.number().int().min(0).default(0),
      do: action,
    })
    .strict();
}

interface WaitingFault<Action> {
  readonly on: string;
  times: number;
  after: number;
  readonly do: Action;
}

/** The faults that still wait for their request. */
export class FaultQueue<Action> {
  readonly #schema: z.ZodType<WaitingFault<Action>, z.ZodTypeDef, unknown>;
  #waiting: WaitingFault<Action>[] = [];
  #struck = 0;

  /** @param schema what a fault is: see {@link faultSchemaOf} */
  constructor(schema: z.ZodType<WaitingFault<Action>, z.ZodTypeDef, unknown>) {
    this.#schema = schema;
  }

  /** How many requests were struck so far. */
  get struck(): number {
    return this.#struck;
  }

  /** @throws ZodError if the fault is not one. */
  inject(fault: unknown): void {
    this.#waiting.push(this.#schema.parse(fault));
  }

  /** Forgets the faults that still wait; what has struck goes on. */
  clear(): void {
    this.#waiting = [];
  }

  /** The fault for the request at hand, if one is due; it counts as used. */
  take(event: string): Action | undefined {
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
