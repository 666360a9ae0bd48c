import { z } from 'zod';
import { defineEndpoint } from '../endpoint.ts';
import { conflictResolution, tableOf, targetFields } from './opteryx_target.ts';
import {
  anySuccess,
  committedSession,
  inspectedSession,
  startedSession,
} from './session_answers.ts';
import { FIRST_PART, isSessionId, LAST_PART, sessionPath } from './session_paths.ts';

export const sessionIdField = () =>
  z.string().refine(isSessionId, 'not the id of a session').describe('Of opteryx_start_session.');

export const partNumber = () =>
  z
    .number()
    .int()
    .min(FIRST_PART)
    .max(LAST_PART)
    .describe(`Number of the part, from ${FIRST_PART}.`);

/** The requests of upload sessions, but for the one that brings bytes. */
export const opteryx = {
  health: defineEndpoint({
    id: 'opteryx.health',
    title: 'Whether Opteryx is up',
    summary: 'Tell whether the upload service of Opteryx is up. Needs no credentials.',
    effect: 'read',
    repeatable: true,
    answerSeconds: 15,
    input: () => z.object({}).strict(),
    output: () => anySuccess({ status: 'ok' }),
    request: () => ({ method: 'GET', path: '/health' }),
  }),

  startSession: defineEndpoint({
    id: 'opteryx.start_session',
    title: 'Start an upload session by hand',
    summary:
      'Start an upload session for one dataset of Opteryx by hand. It moves no bytes, and runs out about six hours later. opteryx_upload_file does all of it.',
    effect: 'write',
    // A session too many is empty, and runs out by itself.
    repeatable: true,
    answerSeconds: 60,
    input: () => z.object(targetFields()).strict(),
    output: startedSession,
    request: ({ workspace, collection, dataset }) => ({
      method: 'POST',
      path: '/v1/upload/session',
      json: { target: { workspace, collection, dataset } },
    }),
  }),

  deletePart: defineEndpoint({
    id: 'opteryx.delete_part',
    title: 'Delete a part of a session',
    summary: 'Delete one part that was uploaded into a session and is not committed yet.',
    effect: 'remove',
    repeatable: true,
    answerSeconds: 30,
    input: () => z.object({ session_id: sessionIdField(), part: partNumber() }).strict(),
    output: () => anySuccess({ status: 'deleted' }),
    request: ({ session_id, part }) => ({
      method: 'DELETE',
      path: sessionPath(session_id, `/part/${part}`),
    }),
  }),

  inspectSession: defineEndpoint({
    id: 'opteryx.inspect_session',
    title: 'Look into an upload session',
    summary:
      'List the parts in an upload session, the schema they make and what is wrong with them. Look before opteryx_commit_session: it commits in spite of issues.',
    effect: 'read',
    repeatable: true,
    answerSeconds: 60,
    input: () => z.object({ session_id: sessionIdField() }).strict(),
    output: inspectedSession,
    request: ({ session_id }) => ({ method: 'GET', path: sessionPath(session_id, '/inspect') }),
  }),

  commitSession: defineEndpoint({
    id: 'opteryx.commit_session',
    title: 'Commit an upload session',
    summary:
      'Make the parts of an upload session rows of its dataset. Never repeat it after a lost answer: rows could be added twice. Overwriting asks the user first.',
    effect: 'replace',
    repeatable: false,
    answerSeconds: 300,
    input: () =>
      z
        .object({
          session_id: sessionIdField(),
          ...targetFields(),
          conflict_resolution: conflictResolution(),
          snapshot_message: z.string().max(1000).optional().describe('What is told of the commit.'),
        })
        .strict(),
    output: committedSession,
    request: ({ session_id, workspace, collection, dataset, ...terms }) => ({
      method: 'POST',
      path: sessionPath(session_id, '/commit'),
      json: { target: { workspace, collection, dataset }, ...terms },
    }),
    asksFirst: ({ conflict_resolution, ...target }) =>
      conflict_resolution === 'overwrite'
        ? `Opteryx: replace all rows of the table ${tableOf(target)} with the parts of the session ${target.session_id}, if the table exists.`
        : undefined,
  }),
};
