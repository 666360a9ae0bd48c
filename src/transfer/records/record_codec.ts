import { z } from 'zod';

/**
 * `later` was written by a later version of this program, which knows what to do with it. What is
 * `closed` this user may not read.
 */
export type ReadRecord<R extends object> = R | 'damaged' | 'later' | 'closed';

/** How records of one kind stand in their files. */
export interface RecordCodec<R extends object> {
  /** Reads a record; any text will do. */
  read(text: string): ReadRecord<R>;
  write(record: R): string;
}

export function isRecord<R extends object>(record: ReadRecord<R>): record is R {
  return typeof record === 'object';
}

const laterVersion = z.object({ v: z.number().int().min(2) });

/** Records of version 1, as JSON. */
export function jsonRecords<R extends object>(
  schema: z.ZodType<R, z.ZodTypeDef, unknown>,
): RecordCodec<R> {
  return {
    read(text) {
      const json = jsonOrNothing(text);
      const record = schema.safeParse(json);
      if (record.success) return record.data;
      return laterVersion.safeParse(json).success ? 'later' : 'damaged';
    },
    write: (record) => `${JSON.stringify(record)}\n`,
  };
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
