import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const INITIALIZE = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'bench', version: '0.0.0' },
};

const LAST_WORDS = 2_000;

/** One stdio server and the only client that it has, which asks one thing after the other. */
export class McpSession {
  #child;
  #ended;
  #messages;
  #said = '';
  #id = 0;

  /** What the server answered to `initialize`. */
  greeting;

  /**
   * @param {string[]} args to Node: the script and its own
   * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, signal?: AbortSignal }} [options] the signal kills it
   */
  static async open(args, options = {}) {
    const session = new McpSession(args, options);
    try {
      session.greeting = await session.request({ method: 'initialize', params: INITIALIZE });
    } catch (error) {
      session.kill();
      throw error;
    }
    session.#send({ method: 'notifications/initialized' });
    return session;
  }

  constructor(args, { env = process.env, cwd, signal }) {
    // Of its own process group, so that nothing that it started outlives it.
    const options = { env, cwd, detached: true };
    this.#child = spawn(process.execPath, args, options);
    this.#ended = once(this.#child, 'exit');
    this.#child.stdin.on('error', () => undefined); // that it ended is said by its stdout
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#said = (this.#said + text).slice(-LAST_WORDS);
    });
    const stop = () => this.kill();
    signal?.addEventListener('abort', stop);
    this.#ended.finally(() => signal?.removeEventListener('abort', stop));
    this.#messages = messagesIn(this.#child.stdout);
  }

  /**
   * @param {{ method: string, params?: object }} asked
   * @returns the result
   * @throws if it answers an error, or ends before it answers
   */
  async request({ method, params = {} }) {
    this.#id += 1;
    const id = this.#id;
    this.#send({ id, method, params });
    for (;;) {
      const { value, done } = await this.#messages.next();
      if (done) throw new Error(`ended before it answered ${method}: ${this.#said.trim()}`);
      if (value.id !== id || value.method !== undefined) continue;
      if (value.error === undefined) return value.result;
      throw new Error(`answered ${method} with an error: ${value.error.message}`);
    }
  }

  /** Ends it as clients do: by closing its stdin. */
  async close() {
    this.#child.stdin.end();
    await this.#ended;
  }

  /** Ends it and all that it started. */
  kill() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    try {
      process.kill(-this.#child.pid, 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }

  #send(message) {
    this.#child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }
}

/** Some servers greet people on stdout, which is no message. */
async function* messagesIn(stdout) {
  for await (const line of createInterface({ input: stdout })) {
    if (line.startsWith('{')) yield JSON.parse(line);
  }
}

/**
 * Starts a stdio server and asks for its tools.
 *
 * @param {string[]} args Arguments to Node: the script and its own.
 * @param {{ env?: NodeJS.ProcessEnv, linger?: () => Promise<void> }} [options] `linger` runs
 *   after the answer and before stdin is closed.
 * @returns {Promise<{ ms: number, tools: number }>} Time from spawn to the answered tools/list.
 */
export async function listTools(args, { env, linger } = {}) {
  const started = process.hrtime.bigint();
  const session = await McpSession.open(args, { env });
  const { tools } = await session.request({ method: 'tools/list' });
  const ms = Number(process.hrtime.bigint() - started) / 1e6;
  await linger?.();
  await session.close();
  return { ms, tools: tools.length };
}
