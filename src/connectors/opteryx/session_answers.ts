import { z } from 'zod';
import { isSessionId } from './session_paths.ts';

/** Older servers say less, newer ones more: a member in another form is as good as none. */
const number = () => z.number().nullish().catch(undefined);
const text = () => z.string().nullish().catch(undefined);
/** Entries in another form are left out. */
const listOf = <Entry extends z.ZodTypeAny>(entry: Entry) =>
  z
    .array(z.unknown())
    .catch([])
    .transform((all) =>
      all.flatMap((it): z.output<Entry>[] => {
        const parsed = entry.safeParse(it);
        return parsed.success ? [parsed.data] : [];
      }),
    );

const issue = z.object({ issue: z.string(), part: number(), column: text() }).passthrough();

/** Something that does not fit together, in the service's own words. */
export type SessionIssue = z.output<typeof issue>;

/** An answer of which nothing is relied on but its status. */
export const anySuccess = (otherwise: Readonly<Record<string, unknown>>) =>
  z.preprocess((json) => json ?? otherwise, z.object({}).passthrough().catch(otherwise));

export const startedSession = () =>
  z
    .object({
      session_id: z.string().refine(isSessionId),
      expires_at: text(),
      /** Of a dataset that exists; null if there is none, absent where a server does not tell. */
      declared_schema: z.record(z.unknown()).nullish().catch(undefined),
    })
    .passthrough();

export const acceptedPart = () =>
  z.preprocess(
    (json) => json ?? {},
    z
      .object({ rows: number(), issues: listOf(issue) })
      .passthrough()
      .catch({ rows: undefined, issues: [] }),
  );

/** 204 without a body says that nothing is staged. */
export const inspectedSession = () =>
  z.preprocess(
    (json) => json ?? { staged: 'nothing' },
    z
      .object({
        parts: listOf(z.object({ id: z.number(), rows: number() }).passthrough()),
        issues: listOf(issue),
      })
      .passthrough(),
  );

/** Any success means that it was committed. */
export const committedSession = () =>
  z.preprocess(
    (json) => json ?? {},
    z
      .object({ table: text(), commit_id: text(), rows_written: number(), files_created: number() })
      .passthrough(),
  );
