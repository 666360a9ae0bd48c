import type { Readable, Writable } from 'node:stream';
import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { ErrorCode } from '@modelcontextprotocol/sdk/types.js';
import type { Log } from '../log.ts';
import { BoundedLines } from './bounded_lines.ts';
import { END_SIGNALS } from './end_signals.ts';

/** Below the 10 MiB at which the SDK's buffer closes the connection without an answer. */
const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;

/** A server for the one client of this process. */
export interface ServedOverStdio {
  readonly server: Server;
  /** Cancels all that runs, and resolves once it has cleaned up after itself. */
  drain(): Promise<unknown>;
}

export interface StdioOptions {
  readonly input: Readable;
  readonly output: Writable;
  readonly log: Log;
  /** How long to wait for running calls to clean up, in milliseconds. */
  readonly drainMs: number;
}

/**
 * Serves one client over stdin and stdout until stdin ends, the client is gone or a signal comes;
 * then cancels what runs, waits for its clean-up, and resolves.
 */
export async function serveStdio(mcp: ServedOverStdio, options: StdioOptions): Promise<void> {
  const { input, output, log, drainMs } = options;
  const answer = (id: string | number | null, code: number, message: string) =>
    output.write(`${JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } })}\n`);

  const lines = new BoundedLines(MAX_MESSAGE_BYTES, (id) =>
    answer(id, ErrorCode.InvalidRequest, `A message may have at most ${MAX_MESSAGE_BYTES} bytes`),
  );
  const transport = new StdioServerTransport(lines, output);
  mcp.server.onerror = (error) => {
    if (error instanceof SyntaxError) answer(null, ErrorCode.ParseError, 'A line is not JSON');
    else if (error.name === 'ZodError') {
      answer(null, ErrorCode.InvalidRequest, 'A line is not a JSON-RPC message');
    } else log.debug({ err: error }, 'protocol error');
  };

  const end = watchForEnd(input, lines, output);
  input.pipe(lines);
  await mcp.server.connect(transport);
  const reason = await end.reason;

  log.debug({ reason }, 'shutting down');
  // A list or a ping in the last lines is answered before anything is cancelled.
  await new Promise(setImmediate);
  const drained = await Promise.race([mcp.drain().then(() => true), timeout(drainMs)]);
  if (drained !== true) log.error({ reason }, 'gave up waiting for running calls to clean up');
  await mcp.server.close();
  end.ignore();
}

interface EndWatch {
  /** Resolves with the first of the events that end a stdio server. */
  readonly reason: Promise<string>;
  /** Lets signals do again what they do by default. */
  ignore(): void;
}

function watchForEnd(input: Readable, lines: Readable, output: Writable): EndWatch {
  let resolve: (reason: string) => void = () => undefined;
  const promise = new Promise<string>((first) => {
    resolve = first;
  });
  lines.once('end', () => resolve('stdin ended'));
  // A stream that breaks off closes without an end; one that ends has its last lines still to read.
  input.once('close', () => input.readableEnded || resolve('stdin closed'));
  input.once('error', () => resolve('stdin failed'));
  // A client that went away shows as EPIPE at the next write; later ones are of no interest.
  output.on('error', () => resolve('stdout closed'));
  // Hosts repeat their signals: a second one must not cut the clean-up short.
  for (const signal of END_SIGNALS) process.on(signal, resolve);
  return {
    reason: promise,
    ignore: () => {
      for (const signal of END_SIGNALS) process.off(signal, resolve);
    },
  };
}

function timeout(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
