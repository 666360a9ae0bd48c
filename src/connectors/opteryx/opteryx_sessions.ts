import type { TransferEngine } from '../../transfer/engine.ts';
import type { ConnectedService } from '../connected_service.ts';
import type { Connector, ConnectorTraits } from '../connector.ts';
import { callEndpoint } from '../endpoint.ts';
import { filesInWords } from '../files_in_words.ts';
import { createServiceClient } from '../http/service_client.ts';
import { isFateUnknown, ServiceError } from '../http/service_error.ts';
import { ServiceUploadFailed } from '../service_upload_failed.ts';
import { assertAllStaged, type Compared } from './all_staged.ts';
import { answered, emptied, leftAsItIs, type OpenSession } from './open_session.ts';
import type { OpenTable } from './open_tables.ts';
import { opteryx } from './opteryx_endpoints.ts';
import { type ConflictResolution, type OpteryxTarget, tableOf } from './opteryx_target.ts';
import { type SentSessionPart, sendPart, UPLOAD_PART } from './send_part.ts';
import type { SessionIssue } from './session_answers.ts';
import { SessionIssues } from './session_issues.ts';
import { assertNotOver, sessionLife } from './session_life.ts';
import { type SessionPart, sessionParts } from './session_parts.ts';
import { FIRST_PART } from './session_paths.ts';

/** What is sent where, and on which terms. */
export interface SessionTerms {
  readonly target: OpteryxTarget;
  readonly conflictResolution: ConflictResolution;
  readonly message?: string | undefined;
  /** Commit also what does not fit together, as the service itself would. */
  readonly ignoreIssues?: boolean | undefined;
}

/** Tables that became rows. */
export interface SessionOutcome {
  readonly kind: 'session_committed';
  readonly table: string;
  readonly sessionId: string;
  readonly commitId: string | undefined;
  readonly rowsWritten: number | undefined;
  readonly filesCreated: number | undefined;
  /** What was the same at both ends before the commit. */
  readonly compared: Compared;
  /** Of the files. */
  readonly bytes: number;
  readonly seconds: number;
}

/**
 * A part is a small complete file, and the same number again replaces it. A session cannot be ended, only
 * emptied; to commit it twice may append twice.
 */
export const SESSION_TRAITS: ConnectorTraits = {
  partBase: FIRST_PART,
  partsSelfContained: true,
  finishIdempotent: opteryx.commitSession.repeatable,
  abandons: 'delete_parts',
  contentType: 'of_kind',
};

const NOTHING: Compared = { parts: 0, rows: 0, partsWithRows: 0 };

/** Each may be 28 MiB, and is held in memory while it is sent. */
const PARTS_AT_ONCE = 3;

type SessionConnector = Connector<
  OpenSession,
  SessionPart,
  SentSessionPart,
  Omit<SessionOutcome, 'seconds'>
>;

/** Sends tables in parts as one session, and commits it; `abandon` answers `ServiceUploadFailed`. */
export function sessionConnector(
  terms: SessionTerms,
  tables: readonly OpenTable[],
  { access, journal }: ConnectedService,
  engine: TransferEngine,
): SessionConnector {
  const client = createServiceClient(access, engine);
  const { target, conflictResolution, message, ignoreIssues = false } = terms;
  const bytes = tables.reduce((total, { source }) => total + source.size, 0);
  const table = tableOf(target);
  const { clock } = engine;

  function assertOpen({ life }: OpenSession, call: string): void {
    assertNotOver(life, call, clock.now());
  }

  function assertNoIssues(call: string, issues: readonly SessionIssue[]): void {
    if (issues.length > 0 && !ignoreIssues) throw new SessionIssues(call, issues);
  }

  return {
    traits: SESSION_TRAITS,
    totalBytes: bytes,
    what: filesInWords(tables.map(({ fileName }) => fileName)),
    unitsAtOnce: PARTS_AT_ONCE,
    async start(signal) {
      const started = await callEndpoint(opteryx.startSession, target, client, signal);
      const { session_id: id, expires_at: expiresAt, declared_schema: schema } = started;
      // A newer service tells the columns of a dataset that exists, long before it refuses the commit.
      if (conflictResolution === 'fail' && schema) throw datasetExists(table);
      const life = sessionLife(expiresAt, clock.now());
      const flow = 'opteryx_session';
      const noted = { service: 'opteryx', flow, id, expiresAt: expiresAt ?? undefined } as const;
      const entry = await journal.begin(noted);
      return { id, entry, life, begun: new Set(), unanswered: new Set(), compared: NOTHING };
    },
    plan: (_session, signal) => sessionParts(tables, signal),
    async send(session, part, { signal, onSent }) {
      assertOpen(session, UPLOAD_PART);
      const sent = await answered(session, part.number, () =>
        sendPart(session.id, part, client, { signal, onSent }),
      );
      assertNoIssues(UPLOAD_PART, sent.issues);
      return sent;
    },
    async inspect(session, sent, signal) {
      const input = { session_id: session.id };
      const staged = await callEndpoint(opteryx.inspectSession, input, client, signal);
      session.compared = assertAllStaged(sent, staged);
      assertNoIssues(opteryx.inspectSession.id, staged.issues);
    },
    async finish(session, _sent, signal) {
      const { id: sessionId, entry, compared } = session;
      assertOpen(session, opteryx.commitSession.id);
      await entry.finishing();
      const committed = await callEndpoint(
        opteryx.commitSession,
        {
          session_id: sessionId,
          ...target,
          conflict_resolution: conflictResolution,
          ...(message === undefined ? {} : { snapshot_message: message }),
        },
        client,
        signal,
      );
      await entry.remove();
      return {
        kind: 'session_committed',
        table,
        sessionId,
        commitId: committed.commit_id ?? undefined,
        rowsWritten: committed.rows_written ?? undefined,
        filesCreated: committed.files_created ?? undefined,
        compared,
        bytes,
      };
    },
    async abandon(session, { step, cause }) {
      const { id } = session;
      const isUnknown = step === 'finish' && isFateUnknown(cause);
      const left = isUnknown ? await leftAsItIs(session) : await emptied(session, client, clock);
      const [service, idOf] = ['opteryx', 'session'] as const;
      return new ServiceUploadFailed({ service, id, idOf, step, left, target: table, cause });
    },
  };
}

function datasetExists(table: string): ServiceError {
  return new ServiceError({
    service: 'opteryx',
    call: opteryx.startSession.id,
    kind: 'conflict',
    code: 'dataset_exists',
    detail: `the dataset ${table} exists, and conflict_resolution is fail`,
  });
}
