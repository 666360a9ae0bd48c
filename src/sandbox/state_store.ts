import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from './errno.ts';
import { type StoredState, storedStateSchema } from './state_model.ts';

const FILE_NAME = 'sandbox-state.json';

/** The state in memory and its file, which is always one whole version (temp file, then rename). */
export class StateStore {
  #running: Promise<void> | undefined;
  #queued: Promise<void> | undefined;

  private constructor(
    readonly state: StoredState,
    private readonly path: string,
  ) {}

  /**
   * Reads the state of an earlier run from the folder, or starts from `initial`.
   *
   * @throws ZodError if the file is there and is not a state of this version.
   */
  static async open(dataDir: string, initial: () => StoredState): Promise<StateStore> {
    const path = join(dataDir, FILE_NAME);
    const text = await readIfPresent(path);
    const state = text === undefined ? initial() : storedStateSchema.parse(JSON.parse(text));
    const store = new StateStore(state, path);
    await store.save();
    return store;
  }

  /** Resolves when everything changed before the call is on disk; calls in between share a write. */
  save(): Promise<void> {
    if (this.#queued) return this.#queued;
    if (!this.#running) return this.#start();
    const next = () => {
      this.#queued = undefined;
      return this.#start();
    };
    this.#queued = this.#running.then(next, next);
    return this.#queued;
  }

  #start(): Promise<void> {
    const clear = () => {
      this.#running = undefined;
    };
    const run = this.#write();
    this.#running = run;
    run.then(clear, clear);
    return run;
  }

  async #write(): Promise<void> {
    const temporary = `${this.path}.tmp`;
    await writeFile(temporary, JSON.stringify(this.state), { mode: 0o600 });
    await rename(temporary, this.path);
  }
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
