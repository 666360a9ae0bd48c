import { describe, expect, it } from 'vitest';
import { geoperaOffer } from '../../../src/geopera_offer.ts';
import { createTransferJobs } from '../../../src/jobs/transfer_jobs.ts';
import { createLog } from '../../../src/log.ts';
import { buildServer } from '../../../src/server.ts';
import { serveStdio } from '../../../src/transports/stdio.ts';
import { workflowWorld } from '../workflows/workflow_world.ts';
import { openPipes } from './stream_client.ts';

describe('a server that has ended', () => {
  it('listens to no signal of the process any more', async () => {
    const log = createLog('error');
    const before = process.listenerCount('SIGTERM');
    const pipes = openPipes();
    const workflows = workflowWorld({}).context;
    const { clock } = workflows.engine;
    const mcp = buildServer(geoperaOffer('paths'), {
      jobs: createTransferJobs(clock),
      caller: () => ({ owner: 'test', context: workflows }),
      clock,
      allowDirs: [],
      workingDirectory: '/',
      log,
      access: 'paths',
    });
    pipes.input.end();
    await serveStdio(mcp, { ...pipes, log, drainMs: 60_000 });
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });
});
