import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const MESSAGES = {
  initialize: {
    id: 1,
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'startup-bench', version: '0.0.0' },
    },
  },
  initialized: { method: 'notifications/initialized' },
  listTools: { id: 2, method: 'tools/list' },
};

/**
 * Starts a stdio server and asks for its tools.
 *
 * @param {string[]} args Arguments to Node: the script and its own.
 * @param {{ env?: NodeJS.ProcessEnv, linger?: () => Promise<void> }} [options] `linger` runs
 *   after the answer and before stdin is closed.
 * @returns {Promise<{ ms: number, tools: number }>} Time from spawn to the answered tools/list.
 */
export async function listTools(args, { env = process.env, linger } = {}) {
  const started = process.hrtime.bigint();
  const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const send = (message) =>
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const answer = async (id) => {
    for (;;) {
      const { value, done } = await answers.next();
      if (done) throw new Error(`${args.join(' ')} ended before it answered`);
      const message = JSON.parse(value);
      if (message.id === id) return message.result;
    }
  };

  send(MESSAGES.initialize);
  await answer(MESSAGES.initialize.id);
  send(MESSAGES.initialized);
  send(MESSAGES.listTools);
  const { tools } = await answer(MESSAGES.listTools.id);
  const ms = Number(process.hrtime.bigint() - started) / 1e6;
  await linger?.();
  child.stdin.end();
  await exited;
  return { ms, tools: tools.length };
}
