import { randomBytes } from 'node:crypto';
import type { WorkflowLog } from '../workflows/context.ts';
import type { CrashedSession, CrashedSessionRequest } from '../workflows/crashed_session.ts';
import type { RecoveredSession } from '../workflows/recovery.ts';
import type {
  InitiateBody,
  SessionEntry,
  SessionFacts,
  SessionJournal,
  SessionNews,
} from '../workflows/session_journal.ts';
import { isHeld, type SessionAccount, type SessionRecord } from '../workflows/session_record.ts';
import type { SharedRedis } from './open_redis.ts';
import type { Replica } from './replica.ts';
import { type LeftSession, SessionStore } from './session_store.ts';

export interface SharedSessionsOptions {
  readonly redis: SharedRedis;
  readonly replica: Replica;
  readonly log: WorkflowLog;
}

/** Long before what is noted of a session lapses. */
const NOTE_AGAIN_MS = 60 * 60 * 1000;

/** The upload sessions of all replicas, so that none outlives its replica unseen. */
export interface SharedSessions {
  /** Notes the sessions of one account. */
  journal(account: SessionAccount): SessionJournal;
  /**
   * Releases the sessions of an account whose replica is gone: each is claimed first, so that one replica
   * alone acts. To be called when a request brings the account's token. Throws `SharedStateAway`.
   *
   * @param isAwaited whether files may still be on their way, as links were signed since it was noted
   */
  releaseLeft(
    account: SessionAccount,
    release: (request: CrashedSessionRequest) => Promise<CrashedSession>,
    isAwaited?: (uploadId: string) => Promise<boolean>,
  ): Promise<readonly RecoveredSession[]>;
}

export function createSharedSessions(options: SharedSessionsOptions): SharedSessions {
  const { log } = options;
  const store = new SessionStore(options);
  /** Whether the last note failed: one line for each time that Redis is away is enough. */
  let failing = false;
  const noted = (done: boolean) => {
    const known = failing;
    failing = !done;
    if (done || known) return;
    log.warn(
      {},
      'upload sessions cannot be noted in Redis: if this process is killed, a reservation may stay',
    );
  };

  async function settle(
    left: LeftSession,
    release: (request: CrashedSessionRequest) => Promise<CrashedSession>,
  ): Promise<RecoveredSession> {
    let { record } = left;
    let outcome: CrashedSession | undefined;
    try {
      outcome = await release({
        record,
        sameAccount: true,
        now: Date.now(),
        heard: (uploadId) => {
          record = { ...record, uploadId };
          // It is released all the same, which is what counts.
          return store.write(left.name, record).catch(() => undefined);
        },
      });
    } finally {
      if (outcome === undefined || outcome.state === 'held') {
        await store.leave(left.name, record, outcome?.again === true);
      } else await store.remove(left.name);
    }
    const { projectId, bytes, step } = record;
    log.warn(
      { ...outcome, projectId, bytes, step },
      'took in hand an upload session that a replica had left open',
    );
    return { record, outcome };
  }

  return {
    journal: (account) => ({
      begin: async (session) => new NotedSession(store, account, session, noted),
    }),
    async releaseLeft(account, release, isAwaited) {
      const recovered: RecoveredSession[] = [];
      for (const left of await store.listLeft(account)) {
        const { uploadId } = left.record;
        if (isHeld(left.record)) continue;
        if (uploadId !== undefined && (await isAwaited?.(uploadId))) continue;
        if (!(await store.claim(left))) continue;
        recovered.push(await settle(left, release));
      }
      return recovered;
    },
  };
}

/** One session of this process. */
class NotedSession implements SessionEntry {
  readonly #store: SessionStore;
  readonly #account: SessionAccount;
  readonly #session: SessionFacts;
  readonly #noted: (done: boolean) => void;
  readonly #id = randomBytes(12).toString('base64url');
  readonly #startedAt = Date.now();
  #record: SessionRecord | undefined;
  #notingAgain: NodeJS.Timeout | undefined;

  constructor(
    store: SessionStore,
    account: SessionAccount,
    session: SessionFacts,
    noted: (done: boolean) => void,
  ) {
    this.#store = store;
    this.#account = account;
    this.#session = session;
    this.#noted = noted;
  }

  async intend(initiate: InitiateBody, idempotencyKey: string): Promise<void> {
    const { projectId, files, bytes } = this.#session;
    await this.#write({
      v: 1,
      account: this.#account,
      projectId,
      files: [...files],
      bytes,
      startedAt: this.#startedAt,
      initiate,
      idempotencyKey,
      step: 'initiate',
    });
    this.#notingAgain ??= setInterval(() => void this.note({}), NOTE_AGAIN_MS).unref();
  }

  async note(news: SessionNews): Promise<void> {
    if (this.#record !== undefined) await this.#write({ ...this.#record, ...news });
  }

  mayComplete(signal: AbortSignal): Promise<boolean> {
    return this.#store.isMine(this.#name(), signal);
  }

  async remove(): Promise<void> {
    clearInterval(this.#notingAgain);
    await this.#try(() => this.#store.remove(this.#name()));
  }

  async leave(): Promise<boolean> {
    clearInterval(this.#notingAgain);
    const record = this.#record;
    return record !== undefined && this.#try(() => this.#store.leave(this.#name(), record, true));
  }

  async #write(record: SessionRecord): Promise<void> {
    // Kept also if it cannot be written now: the next note tells it too.
    this.#record = record;
    await this.#try(() => this.#store.write(this.#name(), record));
  }

  #name() {
    return { account: this.#account, id: this.#id };
  }

  /** False if it could not be done. */
  async #try(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      this.#noted(true);
      return true;
    } catch {
      this.#noted(false);
      return false;
    }
  }
}
