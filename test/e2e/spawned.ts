import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** The built command; `npm test` builds it first. */
export const COMMAND = fileURLToPath(new URL('../../dist/cli.cjs', import.meta.url));

/** Commands of tests keep off the state of whoever runs them. */
const state = join(tmpdir(), `geopera-mcp-tests-${process.pid}`);
process.on('exit', () => rmSync(state, { recursive: true, force: true }));

export interface Message {
  readonly id?: string | number | null;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** The command as a child process, spoken to in lines. */
export interface Spawned {
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Every line that came on stdout so far, as it came. */
  readonly lines: readonly string[];
  stderr(): string;
  send(message: object): void;
  /** The first message, past or future, that fits. Rejects if the process ends without it. */
  message(fits: (message: Message) => boolean): Promise<Message>;
  /** Exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
}

export interface SpawnOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeArgs?: readonly string[];
}

export function spawnCommand({ args = [], env = {}, nodeArgs = [] }: SpawnOptions): Spawned {
  const child = spawn(process.execPath, [...nodeArgs, COMMAND, ...args], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      XDG_STATE_HOME: state,
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const arrivals: (() => void)[] = [];
  let over = false;
  let stderr = '';
  const arrived = () => {
    for (const wake of arrivals.splice(0)) wake();
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    arrived();
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdin.on('error', () => undefined);
  const ended = once(child, 'close').then(([code, signal]) => {
    over = true;
    arrived();
    return code ?? signal;
  });
  return {
    process: child,
    lines,
    stderr: () => stderr,
    send: (message) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`),
    async message(fits) {
      for (let next = 0; ; ) {
        for (; next < lines.length; next += 1) {
          const message: Message = JSON.parse(lines[next] ?? '');
          if (fits(message)) return message;
        }
        if (over) throw new Error(`the process ended without the message; stderr: ${stderr}`);
        await new Promise<void>((resolve) => arrivals.push(resolve));
      }
    },
    ended,
  };
}

/** Sends what a client sends first, and waits for the answer. */
export async function initialize(server: Spawned): Promise<Message> {
  server.send({
    id: 'init',
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'test', version: '1.0.0' },
    },
  });
  const answer = await server.message(({ id }) => id === 'init');
  server.send({ method: 'notifications/initialized' });
  return answer;
}
