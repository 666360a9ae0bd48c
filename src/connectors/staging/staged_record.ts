import { createHash } from 'node:crypto';
import { z } from 'zod';
import { jsonRecords, type RecordCodec } from '../../transfer/records/record_codec.ts';
import { RecordFolder } from '../../transfer/records/record_folder.ts';
import type { ServiceAccess } from '../http/service_request.ts';
import type { StagedUpload, StagingAccount } from '../staging_journal.ts';
import { timeInAnswer } from '../time_in_answer.ts';

/** No service keeps an unfinished upload longer, by whatever setting. */
const LONGEST_LIFE_MS = 7 * 24 * 60 * 60 * 1000;

/** What is on disk of an upload to a service: no credential, no signed URL. */
const stagedRecordSchema = z
  .object({
    v: z.literal(1),
    account: z.object({ api: z.string(), fingerprint: z.string() }).strict(),
    service: z.enum(['opteryx', 'geolens']),
    flow: z.enum(['opteryx_session', 'opteryx_contract', 'geolens_job']),
    id: z.string().min(1),
    /** Epoch milliseconds. */
    startedAt: z.number(),
    /** Epoch milliseconds at which the service removes it by itself, where it said so. */
    expiresAt: z.number().optional(),
    /** How far it had come: its bytes travel, its end was asked for. */
    step: z.enum(['send', 'finish']),
  })
  .strict();

export type StagedRecord = z.output<typeof stagedRecordSchema>;

export const stagedRecords: RecordCodec<StagedRecord> = jsonRecords(stagedRecordSchema);

/** The records of uploads to services. */
export class StagedFolder extends RecordFolder<StagedRecord> {
  constructor(path: string) {
    super(path, stagedRecords);
  }
}

/** An upload that has just begun. */
export function newStagedRecord(
  { service, flow, id, expiresAt }: StagedUpload,
  account: StagingAccount,
  startedAt: number,
): StagedRecord {
  const end = expiresAt === undefined ? undefined : timeInAnswer(expiresAt);
  const known = { v: 1, account, service, flow, id, startedAt, step: 'send' } as const;
  return end === undefined ? known : { ...known, expiresAt: end };
}

/** Tells one upload from another, also of another service. */
export function stagedKey({ flow, id, account }: StagedRecord): string {
  return `${flow} ${id} ${account.api}`;
}

/** Whether the service has removed it by itself. */
export function isExpired({ startedAt, expiresAt }: StagedRecord, now: number): boolean {
  return now >= (expiresAt ?? startedAt + LONGEST_LIFE_MS);
}

/** Tells accounts apart on disk without telling what a service calls them. */
export function stagingAccount(
  { service, baseUrl }: Pick<ServiceAccess, 'service' | 'baseUrl'>,
  account: string,
): StagingAccount {
  const name = JSON.stringify([service, account]);
  const fingerprint = createHash('sha256').update(name).digest('base64url').slice(0, 16);
  return { api: baseUrl, fingerprint };
}
