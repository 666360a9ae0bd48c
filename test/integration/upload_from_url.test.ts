import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createServerContext } from '../../src/context.ts';
import { geoperaOffer } from '../../src/geopera_offer.ts';
import { shutDown } from '../../src/protocol/running_requests.ts';
import { buildServer } from '../../src/server.ts';
import { createRemoteAccess } from '../../src/transfer/sources/remote_access.ts';
import { event, serveFile } from '../faults/transfer/remote_sources.ts';
import { writeScene } from '../scene.ts';
import {
  type Answer,
  answerOf,
  type CallOptions,
  prepareServer,
  sdkClient,
  uploadFacts,
  type WorldOptions,
} from './world.ts';

const closings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close();
});

interface WebOptions extends WorldOptions {
  /** What the source answers; `n` counts requests from 1. */
  readonly source?: (request: IncomingMessage, response: ServerResponse, n: number) => void;
  readonly mostBytes?: number;
  /** A server that fetches nothing. */
  readonly fetches?: false;
}

/** A server for a client whose files are not on its machine, and a server of files that it may fetch from. */
async function openWeb(options: WebOptions = {}) {
  const prepared = await prepareServer(options);
  closings.push(() => prepared.close());
  const { fetches } = options;
  const { sandbox, config, account, log, engine, callClock } = prepared;
  const scene = await readFile(await writeScene(prepared.folder, 'harbour.tif'));
  const requests: string[] = [];
  const answer = options.source ?? serveFile({ bytes: scene, headers: { etag: '"1"' } });
  const source = createServer((request, response) => {
    requests.push(request.url ?? '');
    answer(request, response, requests.length);
  });
  await new Promise<void>((resolve) => source.listen(0, '127.0.0.1', resolve));
  closings.push(async () => source.close().closeAllConnections());
  const { port } = z.object({ port: z.number() }).parse(source.address());
  const remote = createRemoteAccess({
    rules: { hosts: [], networks: ['127.0.0.1'], allowHttp: true },
    userAgent: 'test/1',
    limits: options.mostBytes === undefined ? {} : { mostBytes: options.mostBytes },
    engine: { clock: engine.clock, random: () => 0 },
  });
  closings.push(() => remote.engine.close());
  const context = createServerContext(config, account, log, engine, callClock);
  const caller = context.caller(undefined);
  const remotely = fetches === false ? undefined : remote;
  const { server, drain } = buildServer(geoperaOffer('links', account), {
    ...context,
    caller: () => ({ ...caller, context: { ...caller.context, remote: remotely } }),
  });
  closings.push(() => Promise.all([drain(), context.jobs.cancelAll(shutDown)]));
  const client = sdkClient(undefined);
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  await server.connect(theirs);
  await client.connect(ours);
  closings.push(() => client.close());
  await client.listTools();
  return {
    sandbox,
    scene,
    requests,
    folder: prepared.folder,
    url: `http://127.0.0.1:${port}/scenes/harbour%202024.tif?sig=SECRET`,
    async upload(args: object, call: CallOptions = {}): Promise<Answer> {
      const all = { project_id: sandbox.projectId, ...args };
      return answerOf(
        await client.callTool({ name: 'upload_from_url', arguments: all }, undefined, call),
      );
    },
  };
}

type Web = Awaited<ReturnType<typeof openWeb>>;

/** What storage holds, by its own account. */
async function storedSha256s({ folder }: Web): Promise<string[]> {
  const objects = join(folder, '..', 'sandbox', 'objects');
  const files = await readdir(objects, { recursive: true, withFileTypes: true });
  const bytes = files
    .filter((it) => it.isFile())
    .map((it) => readFile(join(it.parentPath, it.name)));
  return (await Promise.all(bytes)).map((it) => createHash('sha256').update(it).digest('hex'));
}

function expectNothingHeld({ sandbox }: Web): void {
  expect(sandbox.state()).toMatchObject({ open_sessions: 0, reserved_bytes: 0 });
}

describe('upload_from_url', () => {
  it('makes the file behind a URL an item, and says what was verified', async () => {
    const web = await openWeb();
    const sha256 = createHash('sha256').update(web.scene).digest('hex');
    const answer = await web.upload({ url: web.url, sha256: true });
    expect(answer.isError).toBe(false);
    expect(answer.facts).toMatchObject({
      status: 'completed',
      bytes: web.scene.length,
      files: [{ file_name: 'harbour 2024.tif', verified: 'crc32c', sha256 }],
    });
    const { item_ids } = uploadFacts.parse(answer.facts);
    expect(item_ids.length).toBe(1);
    expect(await storedSha256s(web)).toContain(sha256);
    expect(web.requests).toEqual(['/scenes/harbour%202024.tif?sig=SECRET']);
    expectNothingHeld(web);
  });

  it('leaves nothing on the disk of its machine', async () => {
    const web = await openWeb();
    const before = await readdir(web.folder);
    await web.upload({ url: web.url });
    expect(await readdir(web.folder)).toEqual(before);
  });

  it('takes the name and the type it is given', async () => {
    const web = await openWeb();
    const answer = await web.upload({
      url: web.url,
      file_name: 'b.tif',
      content_type: 'image/tiff; application=geotiff',
    });
    expect(uploadFacts.parse(answer.facts).files[0]?.file_name).toBe('b.tif');
  });

  it('goes on where the source broke off, in one session and one PUT', async () => {
    const bytes = Buffer.alloc(5_000_000, 'geo');
    const web = await openWeb({
      source: serveFile({ bytes, headers: { etag: '"1"' }, breaksAfter: () => 1_500_000 }),
    });
    const answer = await web.upload({ url: web.url, sha256: true });
    expect(answer).toMatchObject({
      isError: false,
      facts: { files: [{ sha256: createHash('sha256').update(bytes).digest('hex') }] },
    });
    expect(web.requests.length).toBe(4);
    expect(web.sandbox.state().sessions).toHaveLength(1);
  });

  it('joins a call that is the same, and not one for another URL', async () => {
    const asked = event();
    let answerAll = () => {};
    const released = new Promise<void>((resolve) => {
      answerAll = resolve;
    });
    const bytes = Buffer.alloc(1000);
    const web = await openWeb({
      source(request, response, n) {
        asked.happen();
        void released.then(() => serveFile({ bytes })(request, response, n));
      },
    });
    const first = await web.upload({ url: web.url, wait_seconds: 0 });
    expect(first.facts).toMatchObject({ status: 'running' });
    await asked.happened;
    const second = await web.upload({ url: web.url, wait_seconds: 0 });
    expect(second.facts['transfer_id']).toBe(first.facts['transfer_id']);
    const other = await web.upload({ url: `${web.url}2`, wait_seconds: 0 });
    expect(other.facts['transfer_id']).not.toBe(first.facts['transfer_id']);
    answerAll();
    const outcome = await web.upload({ url: web.url });
    expect(outcome.facts).toMatchObject({
      status: 'completed',
      transfer_id: first.facts['transfer_id'],
    });
  });
});

describe('a URL that cannot be uploaded from', () => {
  it.each<[what: string, url: string, code: string, words: RegExp]>([
    ['no URL', 'harbour.tif', 'invalid_arguments', /url: not a URL/],
    ['no name in it', 'http://127.0.0.1/a/', 'invalid_arguments', /file_name/],
    ['a name that is none', 'http://127.0.0.1/a%2Fb.tif', 'invalid_arguments', /be the name/],
    ['a private address', 'https://10.0.0.1/a.tif', 'address_refused', /--fetch-allow-net/],
    ['metadata', 'http://169.254.169.254/a', 'address_refused', /not at an address of the public/],
    ['a password', 'https://u:SECRET@8.8.8.8/a.tif', 'address_refused', /a password/],
    ['another scheme', 'ftp://8.8.8.8/a.tif', 'address_refused', /only https and http/],
  ])('for %s is refused before anything happens', async (_what, url, code, words) => {
    const web = await openWeb();
    const answer = await web.upload({ url });
    expect(answer).toMatchObject({ isError: true, errorCode: code });
    expect(answer.text).toMatch(words);
    expect(answer.text).not.toContain('SECRET');
    expect(web.sandbox.state().sessions).toEqual([]);
    expect(web.requests).toEqual([]);
  });

  it.each<[what: string, code: string, source: NonNullable<WebOptions['source']>]>([
    ['a size', 'source_size_unknown', (_, response) => void response.writeHead(200).write('x')],
    ['a file', 'source_refused', (_, response) => void response.writeHead(404).end()],
    [
      'a public address behind it',
      'address_refused',
      (_, response) => void response.writeHead(302, { location: 'http://10.0.0.1/' }).end(),
    ],
    [
      'room for it',
      'source_too_large',
      (_, response) => void response.writeHead(200, { 'content-length': 10_001 }).write('x'),
    ],
  ])('for want of %s reserves nothing', async (_what, code, source) => {
    const web = await openWeb({ source, mostBytes: 10_000 });
    const answer = await web.upload({ url: web.url });
    expect(answer).toMatchObject({ isError: true, errorCode: code });
    expect(answer.text).not.toMatch(/SECRET|scenes/);
    expect(web.sandbox.state().sessions).toEqual([]);
  });

  it('by a server that fetches none says so', async () => {
    const web = await openWeb({ fetches: false });
    const answer = await web.upload({ url: web.url });
    expect(answer).toMatchObject({ isError: true, errorCode: 'address_refused' });
    expect(answer.text).toContain('this server fetches no URLs');
  });
});

describe('an upload from a URL that fails on its way', () => {
  it('releases its reservation by one uploads.fail', async () => {
    const bytes = Buffer.alloc(3_000_000);
    const web = await openWeb({
      source: (request, response, n) =>
        serveFile({ bytes, headers: { etag: `"${n}"` }, breaksAfter: () => 500_000 })(
          request,
          response,
          n,
        ),
    });
    const answer = await web.upload({ url: web.url });
    expect(answer).toMatchObject({ isError: true, errorCode: 'source_changed' });
    expect(answer.text).toMatch(/harbour 2024\.tif failed at the step transfer/);
    expect(answer.text).not.toMatch(/SECRET|storage says/);
    const [session] = web.sandbox.state().sessions;
    expect(session).toMatchObject({ status: 'failed', error_step: 'transfer' });
    expect(session?.calls['uploads.fail']).toBe(1);
    expectNothingHeld(web);
  });

  it('because it was cancelled releases its reservation too', async () => {
    const bytes = Buffer.alloc(3_000_000);
    const left = event();
    const web = await openWeb({
      source(request, response) {
        request.socket.once('end', left.happen).once('close', left.happen);
        response.writeHead(200, { 'content-length': bytes.length, etag: '"1"' });
        response.write(bytes.subarray(0, 1_000_000));
      },
    });
    const caller = new AbortController();
    const cancelled = web
      .upload(
        { url: web.url },
        {
          signal: caller.signal,
          onprogress: ({ progress }) => {
            if (progress > 0) caller.abort('enough');
          },
        },
      )
      .catch((error: unknown) => error);
    expect(await cancelled).toBeInstanceOf(Error);
    await left.happened;
    await expect
      .poll(() => web.sandbox.state())
      .toMatchObject({
        open_sessions: 0,
        reserved_bytes: 0,
        sessions: [{ status: 'failed', error_step: 'transfer' }],
      });
  });
});
