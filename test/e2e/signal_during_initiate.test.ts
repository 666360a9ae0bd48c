import { once } from 'node:events';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { initialize, spawnCommand } from './spawned.ts';

it('a session that is just being opened when a signal comes is heard out, and released', async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'geopera-e2e-')));
  const calls: string[] = [];
  const api = createServer((request, response: ServerResponse) => {
    const path = request.url ?? '';
    calls.push(path);
    request.resume();
    const answer = (body: object) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (path.endsWith('uploads.initiate')) api.emit('initiate', () => answer({ id: 'u_1' }));
    else answer({ id: 'u_1' });
  });
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  const address = api.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const path = join(folder, 'a.tif');
  await writeFile(path, 'bytes');
  const server = spawnCommand({
    args: ['--allow-dir', folder, '--scopes', '*', '--log-level', 'debug'],
    env: { GEOPERA_API_URL: `http://127.0.0.1:${port}`, GEOPERA_API_TOKEN: 'gpra_test' },
  });
  await initialize(server);
  const opened = once(api, 'initiate');
  const args = { path, project_id: 'p' };
  server.send({
    id: 1,
    method: 'tools/call',
    params: { name: 'upload_local_file', arguments: args },
  });
  const [answerInitiate] = await opened;
  const heard = new Promise<void>((resolve) => {
    server.process.stderr.on('data', () => {
      if (server.stderr().includes('shutting down')) resolve();
    });
  });
  server.process.kill('SIGTERM');
  await heard;
  // Hosts repeat their signals; the second must not end the clean-up.
  server.process.kill('SIGTERM');
  answerInitiate();
  expect(await server.ended).toBe(0);
  expect(calls).toEqual(['/v1/op/uploads.initiate', '/v1/op/uploads.fail']);
  api.close();
  await rm(folder, { recursive: true, force: true });
});
