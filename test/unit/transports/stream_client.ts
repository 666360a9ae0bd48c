import { PassThrough } from 'node:stream';
import { ReadBuffer, serializeMessage } from '@modelcontextprotocol/sdk/shared/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';

export interface Pipes {
  /** What the server reads. */
  readonly input: PassThrough;
  /** What the server writes. */
  readonly output: PassThrough;
}

export function openPipes(): Pipes {
  return { input: new PassThrough(), output: new PassThrough() };
}

/** The client's end of two pipes. */
export function clientTransport({ input, output }: Pipes): Transport {
  const buffer = new ReadBuffer();
  const transport: Transport = {
    async start() {
      output.on('data', (chunk: Buffer) => {
        buffer.append(chunk);
        for (let it = buffer.readMessage(); it !== null; it = buffer.readMessage()) {
          transport.onmessage?.(it);
        }
      });
    },
    async send(message) {
      input.write(serializeMessage(message));
    },
    async close() {
      input.end();
      transport.onclose?.();
    },
  };
  return transport;
}
