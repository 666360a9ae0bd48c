import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** What a person wants, and what does it; of two operations that are both right, either will do. */
const listedTask = z
  .object({
    task: z.string().trim().min(1),
    operation: z.union([z.string(), z.array(z.string()).length(2)]),
  })
  .strict()
  .transform(({ task, operation }) => ({ task, operations: [operation].flat() }));

/** One wish in plain language. */
export type PlainTask = z.output<typeof listedTask>;

function readTasks(file: string): readonly PlainTask[] {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  return z.array(listedTask).parse(JSON.parse(text));
}

/** The half by which words and weights of the search may be chosen. */
export const TUNED = readTasks('./tasks_tuned.json');

/** The half that only judges: nothing is changed because of a single task in it. */
export const HELD_OUT = readTasks('./tasks_held_out.json');
