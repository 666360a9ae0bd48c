import { KEEP_MOST, KEEP_MS } from '../jobs/kept_transfers.ts';
import type { OutcomeCodec } from '../jobs/outcome_codec.ts';
import type { Clock } from '../transfer/clock.ts';
import { JOB_SCRIPTS } from './job_scripts.ts';
import { type JobSnapshot, lostFields, readSnapshot } from './job_snapshot.ts';
import { keyDigest } from './key_digest.ts';
import type { SharedRedis } from './open_redis.ts';
import type { Replica } from './replica.ts';

/** A job that runs is noted twice a second: what is not, for so long, was left by a replica that died. */
const RUNNING_LIVES_MS = 25 * 60 * 60 * 1000;
const ID = /^t_[\w-]{12}$/;

/** What shared jobs are made of. */
export interface SharedJobsWorld<Result> {
  readonly redis: SharedRedis;
  readonly replica: Replica;
  readonly codec: OutcomeCodec<Result>;
  readonly clock: Clock;
  /** Told by the replica that finds a job of this owner lost. */
  readonly onLost?: ((owner: string) => void) | undefined;
}

/** A job by its owner and its id. */
export interface JobName {
  readonly owner: string;
  readonly id: string;
}

/** A job of this process, as it is noted. */
export interface NotedJob extends JobName {
  readonly key: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * The jobs of all replicas in Redis. Every key holds a digest of its owner, so that no owner can be shown
 * another's, whatever id is asked for. All methods throw `SharedStateAway`.
 */
export class JobStore<Result> {
  readonly #redis: SharedRedis;
  readonly #replica: Replica;
  readonly #codec: OutcomeCodec<Result>;
  readonly #now: () => number;
  readonly #onLost: (owner: string) => void;

  constructor({ redis, replica, codec, clock, onLost }: SharedJobsWorld<Result>) {
    this.#redis = redis;
    this.#replica = replica;
    this.#codec = codec;
    this.#now = clock.now;
    this.#onLost = onLost ?? (() => undefined);
  }

  /**
   * Takes the place of whoever is at one thing.
   *
   * @returns the id of who has it, which may be another's; undefined if too many of the owner run
   */
  async claim(job: NotedJob, mostRunning: number): Promise<string | undefined> {
    const { owner, id, key, startedAt, fields } = job;
    const answer = await this.#eval(
      'claim',
      [this.#same(owner, key), this.#index(owner), this.#job(job)],
      [this.#jobs(owner), id, mostRunning, startedAt, RUNNING_LIVES_MS, ...flat(fields)],
    );
    return answer === '' ? undefined : String(answer);
  }

  /** @returns what is asked of the job: `lost` if it was given up, '' for nothing */
  async publish(job: NotedJob): Promise<string> {
    const { owner, id, startedAt, fields } = job;
    const args = [id, startedAt, RUNNING_LIVES_MS, this.#jobs(owner), ...flat(fields)];
    return String(await this.#eval('publish', this.#places(job, owner), args));
  }

  async end(job: NotedJob): Promise<void> {
    const { owner, id, startedAt, fields } = job;
    const kept = [KEEP_MS, KEEP_MOST];
    const state = fields['state'] ?? '';
    const args = [id, startedAt, RUNNING_LIVES_MS, this.#jobs(owner), ...kept, state];
    await this.#eval('end', this.#places(job, owner), [...args, ...flat(fields)]);
  }

  /** The job; undefined where there is none. A job whose replica is gone has failed from here on. */
  async look(name: JobName): Promise<JobSnapshot<Result> | undefined> {
    if (!ID.test(name.id)) return undefined;
    const snapshot = await this.#read(name);
    if (snapshot === undefined || snapshot.report.state !== 'running') return snapshot;
    const { replica, report } = snapshot;
    if (replica === this.#replica.id || !(await this.#replica.isGone(replica))) return snapshot;
    const fields = flat(lostFields(report, this.#now()));
    const heartbeat = this.#replica.heartbeatKey(replica);
    const keys = [this.#job(name), heartbeat, this.#lost(name)];
    const args = [replica, KEEP_MS, RUNNING_LIVES_MS, ...fields];
    if (Number(await this.#eval('lose', keys, args)) === 1) this.#onLost(name.owner);
    return this.#read(name);
  }

  /** Of one owner, newest first. */
  async list(owner: string): Promise<ReadonlyMap<string, JobSnapshot<Result>>> {
    const index = this.#index(owner);
    const ids = await this.#redis.run((client) => client.zRange(index, 0, -1, { REV: true }));
    const found = await Promise.all(
      ids.map(async (id) => ({ id, snapshot: await this.look({ owner, id }) })),
    );
    const lapsed = found.flatMap(({ id, snapshot }) => (snapshot === undefined ? [id] : []));
    if (lapsed.length > 0) await this.#redis.run((client) => client.zRem(index, lapsed));
    return new Map(
      found.flatMap(({ id, snapshot }) => (snapshot === undefined ? [] : [[id, snapshot]])),
    );
  }

  /** The id of the newest job at one thing. */
  async newest(owner: string, key: string): Promise<string | undefined> {
    const id = await this.#redis.run((client) => client.get(this.#same(owner, key)));
    return id ?? undefined;
  }

  /** Notes for so many milliseconds that somebody waits for a job that runs elsewhere. */
  async await(name: JobName, waiter: string, ms: number): Promise<void> {
    await this.#eval('await', [this.#job(name), this.#waits(name)], [waiter, ms]);
  }

  async waitNoMore(name: JobName, waiter: string): Promise<void> {
    await this.#redis.run((client) => client.zRem(this.#waits(name), waiter));
  }

  /** Whether anybody waits elsewhere. */
  async isAwaited(name: JobName): Promise<boolean> {
    return Number(await this.#eval('waiting', [this.#job(name), this.#waits(name)], [])) > 0;
  }

  /** Whether it was given up, since its replica was taken for gone. */
  async isLost(name: JobName): Promise<boolean> {
    return (await this.#redis.run((client) => client.exists(this.#lost(name)))) === 1;
  }

  /** Whether somebody elsewhere waits for its end, or was told of it. */
  async isHeard(name: JobName): Promise<boolean> {
    return (await this.isAwaited(name)) || (await this.#read(name))?.heard === true;
  }

  async cancel(name: JobName, ask: string): Promise<void> {
    await this.#eval('cancel', [this.#job(name)], [ask]);
  }

  /** @returns false if somebody waits for it, so that it goes on */
  async abandon(name: JobName, ask: string): Promise<boolean> {
    const keys = [this.#job(name), this.#waits(name)];
    return Number(await this.#eval('abandon', keys, [ask])) === 1;
  }

  async decline(name: JobName, ask: string): Promise<void> {
    await this.#eval('decline', [this.#job(name)], [ask]);
  }

  async hear(name: JobName): Promise<void> {
    await this.#eval('hear', [this.#job(name)], []);
  }

  async #read(name: JobName): Promise<JobSnapshot<Result> | undefined> {
    const hash = await this.#redis.run((client) => client.hGetAll(this.#job(name)));
    return readSnapshot({ ...hash }, this.#codec);
  }

  #eval(
    script: keyof typeof JOB_SCRIPTS,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    const options = { keys: [...keys], arguments: args.map(String) };
    return this.#redis.run((client) => client.eval(JOB_SCRIPTS[script], options));
  }

  #places(job: NotedJob, owner: string): string[] {
    return [this.#job(job), this.#index(owner), this.#same(owner, job.key), this.#lost(job)];
  }

  /** What the keys of all jobs of an owner begin with. */
  #jobs(owner: string): string {
    return this.#redis.key('jobs', keyDigest(owner), 'job', '');
  }

  #job({ owner, id }: JobName): string {
    return `${this.#jobs(owner)}${id}`;
  }

  #lost({ owner, id }: JobName): string {
    return this.#redis.key('jobs', keyDigest(owner), 'lost', id);
  }

  #index(owner: string): string {
    return this.#redis.key('jobs', keyDigest(owner), 'index');
  }

  #same(owner: string, key: string): string {
    return this.#redis.key('jobs', keyDigest(owner), 'same', keyDigest(key));
  }

  #waits({ owner, id }: JobName): string {
    return this.#redis.key('jobs', keyDigest(owner), 'waits', id);
  }
}

function flat(fields: Readonly<Record<string, string>>): string[] {
  return Object.entries(fields).flat();
}
