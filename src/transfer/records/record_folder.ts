import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errnoOf } from '../failures/disk_problem.ts';
import { syncFolder } from '../files/publish.ts';
import type { ReadRecord, RecordCodec } from './record_codec.ts';
import {
  lifeOf,
  type OwnerLife,
  ownerInName,
  ownRecordOwner,
  type RecordOwner,
  readOwner,
} from './record_owner.ts';

/** `<random>.<owner>.json`, with `left` for an owner where it is in nobody's hand. */
const NAME = /^([\w-]{16})\.([\w-]+)\.json(\.new)?$/;
const OWNER_AND_ENDING = /\.[\w-]+\.json$/;
const SET_ASIDE = '.json.damaged';

/** A record as it lies in the folder. */
export interface FoundRecord<R extends object> {
  readonly path: string;
  readonly owner: RecordOwner | undefined;
  readonly life: OwnerLife;
  readonly record: ReadRecord<R>;
}

/**
 * Records of what must not outlive its process unseen, one file each. In whose hand it is stands in the
 * file's name, so taking it over is one rename, which one process alone can win, and no lock is left to go
 * stale.
 */
export class RecordFolder<R extends object> {
  readonly #path: string;
  readonly #codec: RecordCodec<R>;
  #identity: Promise<RecordOwner> | undefined;

  constructor(path: string, codec: RecordCodec<R>) {
    this.#path = path;
    this.#codec = codec;
  }

  /** A record of this process; there is no file of it until it is written. */
  async create(): Promise<RecordFile<R>> {
    await mkdir(this.#path, { recursive: true, mode: 0o700 });
    const path = this.#nameFor(randomBytes(12).toString('base64url'), await this.#me());
    return new RecordFile(path, this.#codec);
  }

  /** All records; none if there is no such folder. */
  async list(): Promise<FoundRecord<R>[]> {
    const found: FoundRecord<R>[] = [];
    for (const { path, owner } of await this.#records(false)) {
      try {
        const { mtimeMs } = await stat(path);
        const life = await lifeOf(owner, await this.#me(), Date.now() - mtimeMs);
        found.push({ path, owner, life, record: await readRecord(path, this.#codec) });
      } catch (error) {
        // Another process has ended it, or taken it over, since the folder was read.
        if (errnoOf(error) !== 'ENOENT') throw error;
      }
    }
    return found;
  }

  /** Takes one over from a process that is gone; undefined if another one was faster. */
  async claim({ path }: FoundRecord<R>): Promise<RecordFile<R> | undefined> {
    const key = NAME.exec(basename(path))?.[1];
    if (key === undefined) return undefined;
    const claimed = this.#nameFor(key, await this.#me());
    try {
      // Touched before it is renamed: to other hosts it must at no moment look long left.
      await touch(path);
      await rename(path, claimed);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw error;
    }
    return new RecordFile(claimed, this.#codec);
  }

  /** Removes what processes that are gone had begun to write: the record before it still stands. */
  async dropUnfinished(): Promise<void> {
    for (const { path, owner } of await this.#records(true)) {
      const life = await lifeOf(owner, await this.#me(), 0);
      // One that may not be removed does no harm: nobody reads it.
      if (life === 'gone') await rm(path, { force: true }).catch(() => undefined);
    }
  }

  /** Paths of the records that were put out of the way, since they cannot be read. */
  async listSetAside(): Promise<string[]> {
    const names = await this.#names();
    return names.filter((name) => name.endsWith(SET_ASIDE)).map((name) => join(this.#path, name));
  }

  async removeSetAside(): Promise<void> {
    for (const path of await this.listSetAside()) await rm(path, { force: true });
  }

  #nameFor(key: string, owner: RecordOwner): string {
    return join(this.#path, `${key}.${ownerInName(owner)}.json`);
  }

  async #records(unfinished: boolean) {
    return (await this.#names()).flatMap((name) => {
      const [, , owner, ending] = NAME.exec(name) ?? [];
      if (owner === undefined || (ending !== undefined) !== unfinished) return [];
      return [{ path: join(this.#path, name), owner: readOwner(owner) }];
    });
  }

  async #names(): Promise<string[]> {
    return readdir(this.#path).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return [];
      throw error;
    });
  }

  /** It stays the same as long as the process lives. */
  #me(): Promise<RecordOwner> {
    this.#identity ??= ownRecordOwner();
    return this.#identity;
  }
}

const NOT_READABLE: ReadonlySet<string | undefined> = new Set(['EACCES', 'EPERM', 'EISDIR']);

async function readRecord<R extends object>(
  path: string,
  codec: RecordCodec<R>,
): Promise<ReadRecord<R>> {
  try {
    return codec.read(await readFile(path, 'utf8'));
  } catch (error) {
    if (NOT_READABLE.has(errnoOf(error))) return 'closed';
    throw error;
  }
}

/** A record that this process has in hand. */
export class RecordFile<R extends object> {
  readonly #codec: RecordCodec<R>;
  #path: string;

  constructor(path: string, codec: RecordCodec<R>) {
    this.#path = path;
    this.#codec = codec;
  }

  async read(): Promise<ReadRecord<R>> {
    return this.#codec.read(await readFile(this.#path, 'utf8'));
  }

  /** Puts the record on disk; at no moment is there half a one. */
  async write(record: R): Promise<void> {
    const fresh = `${this.#path}.new`;
    const file = await open(fresh, 'w', 0o600);
    try {
      await file.writeFile(this.#codec.write(record));
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(fresh, this.#path);
    await syncFolder(dirname(this.#path));
  }

  /** Whether the record lies there in another's name, or in nobody's: it was taken over. */
  async isTaken(): Promise<boolean> {
    const mine = basename(this.#path);
    const key = NAME.exec(mine)?.[1];
    const names = await readdir(dirname(this.#path));
    return names.some((name) => {
      const [, itsKey, , unfinished] = NAME.exec(name) ?? [];
      return itsKey === key && unfinished === undefined && name !== mine;
    });
  }

  /** Says that the owner is alive, to those who cannot look. */
  async touch(): Promise<void> {
    await touch(this.#path);
  }

  /** Leaves it to whoever looks next. */
  async leave(): Promise<void> {
    await this.#rename((name) => name.replace(OWNER_AND_ENDING, '.left.json'));
  }

  /** Puts a record that cannot be read out of the way, and keeps it for whoever wants to look. */
  async setAside(): Promise<string> {
    await this.#rename((name) => name.replace(OWNER_AND_ENDING, SET_ASIDE));
    return this.#path;
  }

  async remove(): Promise<void> {
    await rm(`${this.#path}.new`, { force: true });
    await rm(this.#path, { force: true });
  }

  async #rename(to: (path: string) => string): Promise<void> {
    const path = to(this.#path);
    await rename(this.#path, path);
    this.#path = path;
  }
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now);
}
