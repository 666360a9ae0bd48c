import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { describe, expect, it } from 'vitest';
import { GeoperaError } from '../../../src/geopera/geopera_error.ts';
import { geoperaOffer } from '../../../src/geopera_offer.ts';
import { createTransferJobs } from '../../../src/jobs/transfer_jobs.ts';
import { createLog } from '../../../src/log.ts';
import { buildServer } from '../../../src/server.ts';
import { serveStdio } from '../../../src/transports/stdio.ts';
import type { FakeAnswers } from '../geopera/fake_geopera.ts';
import { everything } from '../tools/every_tool.ts';
import { workflowWorld } from '../workflows/workflow_world.ts';
import { clientTransport, openPipes, type Pipes } from './stream_client.ts';

const log = createLog('error');

/** Serves a fake API over two pipes; `served` resolves when the server has ended. */
function serve(answers: FakeAnswers, pipes: Pipes = openPipes()) {
  const workflows = workflowWorld(answers).context;
  const { clock } = workflows.engine;
  const mcp = buildServer(geoperaOffer('paths', { selection: everything }), {
    jobs: createTransferJobs(clock),
    caller: () => ({ owner: 'test', context: workflows }),
    clock,
    allowDirs: ['/nowhere'],
    workingDirectory: '/nowhere',
    log,
    access: 'paths',
  });
  const served = serveStdio(mcp, { ...pipes, log, drainMs: 60_000 });
  return { pipes, served };
}

async function connected(answers: FakeAnswers) {
  const { pipes, served } = serve(answers);
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(clientTransport(pipes));
  return { client, pipes, served };
}

describe('a client over stdio', () => {
  it('hears who serves, and the tools', async () => {
    const { client, served } = await connected({});
    expect(client.getServerVersion()).toMatchObject({ name: 'geopera-mcp', title: 'Geopera' });
    expect(client.getInstructions()).toContain('upload_local_file');
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('uploads_initiate');
    await client.close();
    await served;
  });

  it('gets an answer as text and as structured content', async () => {
    const { client, served } = await connected({ call: async () => ({ item: { id: 'i' } }) });
    const result = await client.callTool({ name: 'items_get', arguments: { item_id: 'i' } });
    expect(result).toMatchObject({
      content: [{ type: 'text', text: '{"item":{"id":"i"}}' }],
      structuredContent: { item: { id: 'i' } },
    });
    await client.close();
    await served;
  });

  it.each([
    ['of the API', { item_id: 'i' }, 'not_found'],
    ['of its arguments', { item: 'i' }, 'invalid_arguments'],
  ])('reads a refusal %s as a tool error', async (_, args, code) => {
    const { client, served } = await connected({
      call: async () => {
        throw new GeoperaError({
          kind: 'not_found',
          operationId: 'items.get',
          detail: 'no such item',
          status: 404,
        });
      },
    });
    const result = await client.callTool({ name: 'items_get', arguments: args });
    expect(result).toMatchObject({ isError: true, _meta: { 'geopera/error': { code } } });
    await client.close();
    await served;
  });

  it('cancels one call, and the next is served', async () => {
    const { client, served } = await connected({
      call: (id, _input, signal) =>
        id === 'items.list'
          ? Promise.resolve([])
          : new Promise((_, reject) => {
              signal.addEventListener('abort', () => reject(signal.reason));
              cancel.abort(new Error('no longer wanted'));
            }),
    });
    const cancel = new AbortController();
    const get = { name: 'items_get', arguments: { item_id: 'i' } };
    const call = client.callTool(get, undefined, { signal: cancel.signal });
    await expect(call).rejects.toThrow('no longer wanted');
    const list = { name: 'items_list', arguments: { project_id: 'p' } };
    expect(await client.callTool(list)).toMatchObject({ structuredContent: { results: [] } });
    await client.close();
    await served;
  });
});

describe('the end of stdin', () => {
  const initialize = {
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'test', version: '1' },
    },
  };
  const get = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'items_get', arguments: { item_id: 'i' } },
  };
  const lines = (...messages: unknown[]) =>
    messages.map((message) => `${JSON.stringify(message)}\n`).join('');

  it('comes after what the last lines asked was answered, and cancels none of it', async () => {
    const { pipes, served } = serve({
      call: async (_id, _input, signal) => {
        for (let i = 0; i < 5; i += 1) await new Promise<void>((done) => process.nextTick(done));
        signal.throwIfAborted();
        return { item: {} };
      },
    });
    pipes.input.end(lines(initialize, get));
    await served;
    const answers = String(pipes.output.read()).trimEnd().split('\n');
    expect(answers.map((line) => JSON.parse(line))).toMatchObject([
      { id: 0, result: { serverInfo: { name: 'geopera-mcp' } } },
      { id: 1, result: { structuredContent: { item: {} } } },
    ]);
  });

  it.each(['end', 'destroy'] as const)(
    'by %s cancels a running call and waits for its clean-up',
    async (how) => {
      const events: string[] = [];
      const { pipes, served } = serve({
        call: async (_id, _input, signal) => {
          setImmediate(() => pipes.input[how]());
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          events.push('cancelled');
          await new Promise(setImmediate);
          events.push('cleaned up');
          throw signal.reason;
        },
      });
      pipes.input.write(lines(initialize, get));
      await served;
      expect(events).toEqual(['cancelled', 'cleaned up']);
    },
  );

  it('ends the server also where stdout is gone', async () => {
    const { pipes, served } = serve({ call: async () => ({ item: {} }) });
    pipes.output.destroy(new Error('EPIPE'));
    pipes.input.write(lines(initialize, get));
    await served;
  });
});
