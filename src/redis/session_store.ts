import type { SessionAccount, SessionRecord } from '../workflows/session_record.ts';
import { isSession, readSessionRecord, writeSessionRecord } from '../workflows/session_record.ts';
import { keyDigest } from './key_digest.ts';
import type { SharedRedis } from './open_redis.ts';
import type { Replica } from './replica.ts';

/** An hour past the time when what it could be found by has lapsed. */
const LIVES_MS = 25 * 60 * 60 * 1000;
/** How long a session that could not be released is left alone: where the same may succeed soon, or not. */
const AGAIN_MS = 60_000;
const NOT_SOON_MS = 60 * 60 * 1000;

/** KEYS session heartbeat; ARGV holder me → 1 for the one that has it now. */
const CLAIM = `
if redis.call('HGET', KEYS[1], 'replica') ~= ARGV[1] then return 0 end
if ARGV[1] ~= '' and ARGV[1] ~= ARGV[2] and redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'replica', ARGV[2])
return 1`;

/**
 * KEYS session index; ARGV me holder record notBefore id ttl → 0 if another replica has it, which then stays
 * so. What Redis does not know is noted anew.
 */
const PUT = `
local holder = redis.call('HGET', KEYS[1], 'replica')
if holder and holder ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'replica', ARGV[2], 'record', ARGV[3], 'notBefore', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
redis.call('SADD', KEYS[2], ARGV[5])
redis.call('PEXPIRE', KEYS[2], ARGV[6])
return 1`;

/** A session by its account and an id of ours. */
export interface SessionName {
  readonly account: SessionAccount;
  readonly id: string;
}

/** A session that no replica has in hand any more. */
export interface LeftSession {
  readonly name: SessionName;
  readonly record: SessionRecord;
  /** The replica that had it; '' if that one left it to others. */
  readonly holder: string;
}

/**
 * Records of upload sessions in Redis, a hash each: `record`, `replica` (who has it in hand) and `notBefore`.
 * They hold what the records on disk hold: no token, no signed URL. All methods throw `SharedStateAway`.
 */
export class SessionStore {
  readonly #redis: SharedRedis;
  readonly #replica: Replica;
  /**
   * Those in this process's hand, as they were noted last, by id. Redis may say so of more: it did what
   * it could not answer.
   */
  readonly #inHand = new Map<string, LeftSession>();

  constructor({ redis, replica }: { readonly redis: SharedRedis; readonly replica: Replica }) {
    this.#redis = redis;
    this.#replica = replica;
    replica.onForgotten(() => void this.#noteAnew().catch(() => undefined));
  }

  /** Takes it into this replica's hand, unless another has claimed it. */
  write(name: SessionName, record: SessionRecord): Promise<void> {
    this.#inHand.set(name.id, { name, record, holder: this.#replica.id });
    return this.#put(name, record, this.#replica.id, 0);
  }

  /** Whether a session that this replica had noted is still its own, so that it may be ended by it. */
  isMine(name: SessionName, signal: AbortSignal): Promise<boolean> {
    const look = async () => {
      const holder = await this.#redis.run((client) => client.hGet(this.#key(name), 'replica'));
      // What is noted no more was forgotten, or released: then the API refuses to end it.
      return holder === null || holder === this.#replica.id;
    };
    return this.#replica.confirm(look, signal);
  }

  /**
   * Leaves it to others, unless one has claimed it.
   *
   * @param soon whether it is worth a look within minutes
   */
  leave(name: SessionName, record: SessionRecord, soon: boolean): Promise<void> {
    this.#inHand.delete(name.id);
    return this.#put(name, record, '', Date.now() + (soon ? AGAIN_MS : NOT_SOON_MS));
  }

  async remove(name: SessionName): Promise<void> {
    this.#inHand.delete(name.id);
    const [key, index] = [this.#key(name), this.#index(name.account)];
    await this.#redis.run((client) => client.multi().del(key).sRem(index, name.id).exec());
  }

  /** Those of an account whose replica is gone, or left them, and that are due. */
  async listLeft(account: SessionAccount): Promise<readonly LeftSession[]> {
    const index = this.#index(account);
    const left: LeftSession[] = [];
    for (const id of await this.#redis.run((client) => client.sMembers(index))) {
      const name = { account, id };
      const hash = await this.#redis.run((client) => client.hGetAll(this.#key(name)));
      const { replica: holder = '', notBefore = '0' } = hash;
      const record = readSessionRecord(hash['record'] ?? '');
      if (!isSession(record)) {
        // It has lapsed; what a later version wrote is for that one to read.
        if (record === 'damaged') await this.remove(name);
        continue;
      }
      if (Number(notBefore) > Date.now()) continue;
      if (await this.#isLeft(id, holder)) left.push({ name, record, holder });
    }
    return left;
  }

  /** True for one replica alone. */
  async claim(left: LeftSession): Promise<boolean> {
    const { name, holder } = left;
    const keys = [this.#key(name), this.#replica.heartbeatKey(holder)];
    const options = { keys, arguments: [holder, this.#replica.id] };
    if (this.#inHand.has(name.id)) return false;
    this.#inHand.set(name.id, left);
    let claimed = false;
    try {
      claimed = (await this.#redis.run((client) => client.eval(CLAIM, options))) === 1;
    } finally {
      if (!claimed) this.#inHand.delete(name.id);
    }
    return claimed;
  }

  async #noteAnew(): Promise<void> {
    for (const { name } of [...this.#inHand.values()]) {
      // It may have ended meanwhile.
      const left = this.#inHand.get(name.id);
      if (left !== undefined) await this.#put(name, left.record, this.#replica.id, 0);
    }
  }

  async #isLeft(id: string, holder: string): Promise<boolean> {
    if (holder === this.#replica.id) return !this.#inHand.has(id);
    return holder === '' || this.#replica.isGone(holder);
  }

  async #put(
    name: SessionName,
    record: SessionRecord,
    holder: string,
    notBefore: number,
  ): Promise<void> {
    const noted = [holder, writeSessionRecord(record), String(notBefore), name.id];
    const options = {
      keys: [this.#key(name), this.#index(name.account)],
      arguments: [this.#replica.id, ...noted, String(LIVES_MS)],
    };
    await this.#redis.run((client) => client.eval(PUT, options));
  }

  #key({ account, id }: SessionName): string {
    return this.#redis.key('sessions', accountDigest(account), 'session', id);
  }

  #index(account: SessionAccount): string {
    return this.#redis.key('sessions', accountDigest(account), 'index');
  }
}

function accountDigest({ api, fingerprint }: SessionAccount): string {
  return keyDigest(api, fingerprint);
}
