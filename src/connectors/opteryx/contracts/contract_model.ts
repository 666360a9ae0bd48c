import { z } from 'zod';
import { ServiceError } from '../../http/service_error.ts';
import { isContractId } from './contract_path.ts';

/** A member that is missing, null or of another form says nothing, and spoils none of the others. */
const words = () => z.string().optional().catch(undefined);
const count = () => z.number().optional().catch(undefined);
const listOf = <Entry extends z.ZodTypeAny>(entry: Entry) =>
  z
    .array(entry)
    .nullish()
    .transform((entries) => entries ?? []);

const column = z.object({ name: z.string(), type: z.string() }).passthrough();

/** What becomes of one column. */
const planEntry = z
  .object({ column: z.string(), from: words(), to: words(), action: words() })
  .passthrough();

/** Where the files and the target disagree. What blocks is for the service to say. */
const issue = z
  .object({
    code: z.string().catch('issue'),
    column: words(),
    detail: words(),
    severity: z.string().catch('blocking'),
  })
  .passthrough();

/** One object that a file became. Its bytes are those of the object, not of the file. */
const write = z
  .object({ source: words(), rows: count(), bytes: count(), object: words() })
  .passthrough();

/**
 * A contract, as far as it is relied on: the description of the service calls it an object and no more, and
 * its members are those that its public client reads.
 */
const contract = z
  .object({
    contract_id: z.string().refine(isContractId),
    /** `proposed`, `accepted`, `writing`, `committed`, `stale` or `abandoned`. */
    state: z.string(),
    mode: words(),
    schema: listOf(column),
    plan: listOf(planEntry),
    issues: listOf(issue),
    writes: listOf(write),
    rows_written: count(),
    schema_fingerprint: words(),
    snapshot: words(),
    expires_at: words(),
  })
  .passthrough();

/** What a negotiation answers: a value of each column as the files have it, beside the contract. */
const negotiated = contract.extend({
  values: z.record(z.unknown()).optional().catch(undefined),
});

/** What bytes are answered with: what this file became. */
const withWritten = contract.extend({ written: listOf(write) });

export const contractAnswer = () => contract;
export const negotiationAnswer = () => negotiated;
export const dataAnswer = () => withWritten;

export type Contract = z.output<typeof contract>;
export type NegotiatedContract = z.output<typeof negotiated>;
export type ContractIssue = z.output<typeof issue>;
export type ContractWrite = z.output<typeof write>;

/** Codes of errors that something else than giving up follows from. */
export type ActedOnCode = 'contract_stale' | 'proposal_changed' | 'already_committed';

export function hasCode(failure: unknown, code: ActedOnCode): failure is ServiceError {
  return failure instanceof ServiceError && failure.code === code;
}

export function blockingIssues({ issues }: Contract): readonly ContractIssue[] {
  return issues.filter(({ severity }) => severity === 'blocking');
}
