import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('load.mjs', import.meta.url));

/** The process that the load comes from: one for all runs, so that it is warm in each. */
export class LoadProcess {
  #child = fork(PROGRAM, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], detached: true });
  #lost = once(this.#child, 'exit').then(() => {
    throw new Error('the load process ended');
  });

  constructor() {
    // It also ends when it is stopped, while nobody waits.
    this.#lost.catch(() => undefined);
  }

  /**
   * @param {object} run a message of load.mjs
   * @param {AbortSignal} signal
   * @returns its figures
   * @throws what went wrong there; the signal's reason
   */
  async run(run, signal) {
    const answered = once(this.#child, 'message', { signal });
    this.#child.send(run);
    const [{ figures, error }] = await Promise.race([answered, this.#lost]);
    if (error !== undefined) throw new Error(error);
    return figures;
  }

  stop() {
    this.#child.kill();
  }
}
