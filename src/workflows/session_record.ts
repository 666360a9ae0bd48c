import { z } from 'zod';
import { uploads } from '../operations/uploads.ts';
import { isRecord, jsonRecords, type RecordCodec } from '../transfer/records/record_codec.ts';

const bytes = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Whose session it is, so that nobody else's token is tried on it. */
export const sessionAccountSchema = z
  .object({
    /** Address of the API, or the data folder of an embedded sandbox, whose port changes. */
    api: z.string(),
    /** Same for the same account, and no secret. */
    fingerprint: z.string(),
  })
  .strict();

export type SessionAccount = z.output<typeof sessionAccountSchema>;

/** What is on disk of an upload session: no token, no signed URL. */
export const sessionRecordSchema = z
  .object({
    v: z.literal(1),
    account: sessionAccountSchema,
    projectId: z.string(),
    files: z.array(z.object({ name: z.string(), bytes }).strict()),
    bytes,
    /** Epoch milliseconds. */
    startedAt: z.number(),
    /** With what `uploads.initiate` was sent; the same again is answered the same. */
    idempotencyKey: z.string().min(1),
    initiate: uploads.initiate.input,
    /** Absent while no answer of `uploads.initiate` was heard. */
    uploadId: z.string().min(1).optional(),
    /** How far it had come: its opening was asked for, its files travel, its end was asked for. */
    step: z.enum(['initiate', 'transfer', 'complete']),
    /** Epoch milliseconds until which it is left alone: others send its files, by upload links. */
    heldUntil: z.number().optional(),
  })
  .strict();

export type SessionRecord = z.output<typeof sessionRecordSchema>;

/** Whether its files may still be on their way although its process is gone. */
export function isHeld({ heldUntil = 0 }: SessionRecord): boolean {
  return heldUntil > Date.now();
}

/** How they are written, on disk and for other servers. */
export const sessionRecords: RecordCodec<SessionRecord> = jsonRecords(sessionRecordSchema);

export const { read: readSessionRecord, write: writeSessionRecord } = sessionRecords;
export const isSession = isRecord<SessionRecord>;
