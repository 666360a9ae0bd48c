import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from '../free_port.mjs';

export const PEER = fileURLToPath(new URL('peer.mjs', import.meta.url));

/**
 * Runs `work` with servers to be started in it; whatever way that ends, they are stopped.
 *
 * @param {string} folder for whatever they keep
 */
export async function onServers(folder, work) {
  const servers = new Servers(folder);
  try {
    return await work(servers);
  } finally {
    await servers.stop();
  }
}

/** Servers in processes of their own, each of which prints where it is as a line of JSON. */
class Servers {
  #folder;
  #running = [];

  constructor(folder) {
    this.#folder = folder;
  }

  /**
   * @param {string[]} args to Node: the script and its own
   * @param {Record<string, string>} [env] beside what every process needs
   * @returns what it printed, and its process id
   */
  async start(args, env = {}) {
    const child = this.#spawn(process.execPath, args, {
      ...{ XDG_STATE_HOME: this.#folder, XDG_CACHE_HOME: this.#folder },
      ...env,
    });
    const lines = createInterface({ input: child.stdout });
    const [line] = await Promise.race([once(lines, 'line'), failure(child, args)]);
    return { ...JSON.parse(line), pid: child.pid };
  }

  /** @returns the address of a Redis that keeps nothing on disk */
  async startRedis() {
    const port = await freePort();
    const args = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
    ];
    const child = this.#spawn('redis-server', [...args, '--dir', this.#folder], {});
    const lines = createInterface({ input: child.stdout });
    await Promise.race([saying(lines, 'Ready to accept connections'), failure(child, args)]);
    return `redis://127.0.0.1:${port}`;
  }

  /** The last one first. */
  async stop() {
    for (const { child, ended } of this.#running.splice(0).reverse()) {
      child.kill('SIGTERM');
      await ended;
    }
  }

  #spawn(program, args, env) {
    const child = spawn(program, args, {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
      // Of its own process group: Ctrl-C is for the bench, which then stops it.
      detached: true,
    });
    const ended = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
    this.#running.push({ child, ended });
    return child;
  }
}

async function failure(child, args) {
  const [why] = await Promise.race([once(child, 'exit'), once(child, 'error')]);
  throw new Error(`${args.join(' ')} ended before it served: ${why}`);
}

async function saying(lines, words) {
  for await (const line of lines) if (line.includes(words)) return;
  throw new Error(`nobody said: ${words}`);
}
