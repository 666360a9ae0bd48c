#!/usr/bin/env node
// What the SDK's examples arrive at over HTTP, with nothing beside it: one tool of the low-level server
// on bare node:http. Usage: peer.mjs [--stateless]; it prints one line of JSON with its URL.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';

const stateless = process.argv.includes('--stateless');

const TOOLS = [
  {
    name: 'echo',
    description: 'Answer what was sent.',
    inputSchema: {
      type: 'object',
      properties: {
        text: { type: 'string', description: 'What to answer.' },
        times: { type: 'integer', minimum: 1, description: 'How often.' },
        upper: { type: 'boolean', description: 'In capitals.' },
        prefix: { type: 'string', description: 'What stands before it.' },
        suffix: { type: 'string', description: 'What stands behind it.' },
      },
      required: ['text'],
    },
  },
];

async function connected(transport) {
  const server = new Server({ name: 'peer', version: '0.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: TOOLS }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => ({
    content: [{ type: 'text', text: JSON.stringify(params.arguments) }],
  }));
  await server.connect(transport);
  return transport;
}

const transports = new Map();

async function ofItsSession(request) {
  const known = transports.get(request.headers['mcp-session-id']);
  if (known !== undefined) return known;
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void transports.set(id, transport),
    onsessionclosed: (id) => void transports.delete(id),
  });
  return connected(transport);
}

async function ofItsOwn(response) {
  const transport = await connected(new StreamableHTTPServerTransport({}));
  response.once('close', () => void transport.close());
  return transport;
}

const listener = createServer(async (request, response) => {
  const transport = stateless ? await ofItsOwn(response) : await ofItsSession(request);
  await transport.handleRequest(request, response);
});
listener.listen(0, '127.0.0.1');
await once(listener, 'listening');
console.log(JSON.stringify({ url: `http://127.0.0.1:${listener.address().port}/mcp` }));
