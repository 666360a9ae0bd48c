import { spawn, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { configSchema } from '../../src/config.ts';
import { createProcessWorld, workflowContext } from '../../src/context.ts';
import { createTransferJobs } from '../../src/jobs/transfer_jobs.ts';
import { createLog } from '../../src/log.ts';
import { items } from '../../src/operations/items.ts';
import { uploads } from '../../src/operations/uploads.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { runTool } from '../../src/tools/call_result.ts';
import { Consent, processKey } from '../../src/tools/consent/consent.ts';
import { createUploadLink } from '../../src/tools/create_upload_link.ts';
import { finishUpload } from '../../src/tools/finish_upload.ts';
import { operationTool } from '../../src/tools/operations/operation_tool.ts';
import { NO_WISHES, ToolSelection } from '../../src/tools/selection/tool_selection.ts';
import type { OfferedCall, Tool, ToolAnswer } from '../../src/tools/tool.ts';
import { createTransferEngine } from '../../src/transfer/engine.ts';
import { releaseCrashedSession } from '../../src/workflows/crashed_session.ts';
import { createSessionJournal } from '../../src/workflows/journaled_sessions.ts';
import { releaseLeftSessions } from '../../src/workflows/recovery.ts';
import { noSessionJournal } from '../../src/workflows/session_journal.ts';
import { writeBytes, writeScene } from '../scene.ts';
import { ManualClock } from '../unit/jobs/manual_clock.ts';

/** The option that fails with the body of the answer came with 7.76. */
const [, major = '0', minor = '0'] =
  /^curl (\d+)\.(\d+)/.exec(spawnSync('curl', ['--version'], { encoding: 'utf8' }).stdout ?? '') ??
  [];
const hasCurl = Number(major) * 1000 + Number(minor) >= 7076;
const HOUR = 3_600_000;

const linked = z.object({
  upload_id: z.string(),
  expires_at: z.string(),
  deadline: z.string().optional(),
  files: z.array(z.object({ file_name: z.string(), bytes: z.number(), command: z.string() })),
});
const finished = z.object({ item_ids: z.array(z.string()) });
const assets = z.object({ assets: z.array(z.object({ key: z.string() }).passthrough()) });

let base: string;
let folder: string;
let journal: string;
let sandbox: Sandbox;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'links-'));
  folder = join(base, "the user's files");
  journal = join(base, 'uploads');
  await mkdir(folder);
  sandbox = await startSandbox({ dataDir: join(base, 'sandbox') });
});

afterEach(async () => {
  await sandbox.close();
  await rm(base, { recursive: true, force: true });
});

const account = () => ({ api: sandbox.url, fingerprint: 'mine' });

/** A server process, as far as its tools see it; its links live by a clock of the test's own. */
async function serverProcess({ journaled = false, owner = 'me' } = {}) {
  const clock = new ManualClock();
  await clock.pass(Date.now() - clock.now());
  const config = configSchema.parse({ logLevel: 'error' });
  const world = createProcessWorld(config, createLog('error'), createTransferEngine(), clock);
  const lines: unknown[] = [];
  const keep = (...line: unknown[]) => void lines.push(line);
  const log = { info: keep, warn: keep, error: keep };
  const acting = workflowContext(world, {
    apiUrl: sandbox.url,
    token: () => sandbox.token,
    scopes: [],
    sessions: journaled
      ? createSessionJournal({ folder: journal, account: account(), log })
      : noSessionJournal,
  });
  const context = { ...acting, log };
  const call: OfferedCall = {
    context,
    owner,
    clock,
    jobs: createTransferJobs<ToolAnswer>(clock),
    signal: new AbortController().signal,
    tell: () => undefined,
    folders: async () => ({ folders: [] }),
    selection: ToolSelection.of(NO_WISHES),
    offers: () => true,
    consent: new Consent({ mode: 'never', key: processKey(), now: clock.now }),
  };
  return {
    context,
    clock,
    lines,
    async call(tool: Tool, args: object) {
      const {
        isError = false,
        content,
        structuredContent: facts,
        _meta,
      } = await runTool(tool, args, call);
      const [first] = content;
      const text = first?.type === 'text' ? first.text : '';
      return { isError, text, facts, code: JSON.stringify(_meta?.['geopera/error'] ?? null) };
    },
    close: () => context.links.close(),
  };
}

type Server = Awaited<ReturnType<typeof serverProcess>>;

/** Opens a session for files of so many bytes each. */
async function link(server: Server, files: Readonly<Record<string, number>>) {
  const answer = await server.call(createUploadLink, {
    project_id: sandbox.projectId,
    files: Object.entries(files).map(([file_name, bytes]) => ({ file_name, bytes })),
  });
  expect(answer).toMatchObject({ isError: false });
  return linked.parse(answer.facts);
}

/** Runs a command as the user would, in the folder of the files. */
function run(command: string): Promise<{ status: number | null; stdout: string }> {
  const env = { PATH: process.env['PATH'], HOME: base, no_proxy: '*' };
  const shell = spawn('sh', ['-c', command], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let stdout = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  return new Promise((resolve, reject) => {
    shell.once('error', reject);
    shell.once('close', (status) => resolve({ status, stdout }));
  });
}

const finish = (server: Server, upload_id: string) => server.call(finishUpload, { upload_id });

const nothingHeld = { open_sessions: 0, reserved_bytes: 0 };
const onlySession = () => sandbox.state().sessions[0];

/** The bytes of the only asset of an item. */
async function bytesOf({ context }: Server, itemId: string): Promise<Buffer> {
  const { signal } = new AbortController();
  const listing = await context.geopera.call(items.listAssets, { item_id: itemId }, signal);
  const [asset] = assets.parse(listing).assets;
  const input = { item_id: itemId, asset_id: asset?.key ?? '' };
  const descriptor = await context.geopera.call(items.assetDownload, input, signal);
  const { url } = z.object({ url: z.string() }).parse(descriptor);
  return Buffer.from(await (await fetch(url)).arrayBuffer());
}

describe.skipIf(!hasCurl)('with the curl of the user (7.76 or later, skipped without)', () => {
  it('files of any name become items with the bytes that they have', async () => {
    const server = await serverProcess();
    const names = ['it\'s $HOME `id` [1-3] {a,b} & "co".tif', '-', '--help.tif', '日本 é.tif'];
    const files: Record<string, number> = {};
    for (const name of names) {
      await writeScene(folder, name, { width: 16, height: 8 + Object.keys(files).length });
      files[name] = (await readFile(join(folder, name))).length;
    }
    const { upload_id, files: commands, deadline = '' } = await link(server, files);
    expect(Date.parse(deadline)).toBeGreaterThan(server.clock.now());
    for (const { command } of commands) expect(await run(command)).toMatchObject({ status: 0 });
    const answer = await finish(server, upload_id);
    expect(answer).toMatchObject({ isError: false, facts: { status: 'completed', upload_id } });
    const { item_ids: ids } = finished.parse(answer.facts);
    const got = await Promise.all(ids.map((id) => bytesOf(server, id)));
    const sent = await Promise.all(names.map((name) => readFile(join(folder, name))));
    expect(got.map((bytes) => bytes.toString('hex')).sort()).toEqual(
      sent.map((bytes) => bytes.toString('hex')).sort(),
    );
    expect(sandbox.state()).toMatchObject({ ...nothingHeld, credentials_seen_by_storage: 0 });
    await server.close();
  });

  it('an upload without its bytes stays open until they have come', async () => {
    const server = await serverProcess();
    await writeBytes(folder, 'late.bin', 1000);
    const { upload_id, files } = await link(server, { 'late.bin': 1000 });
    const early = await finish(server, upload_id);
    expect(early.code).toContain('upload_incomplete');
    expect(early.text).toContain('late.bin (1000 bytes)');
    expect(early.text).toContain('then call finish_upload again');
    expect(onlySession()).toMatchObject({ status: 'open', reserved_bytes: 1000 });
    expect(await run(files[0]?.command ?? '')).toMatchObject({ status: 0 });
    expect(await finish(server, upload_id)).toMatchObject({ isError: false });
    expect(sandbox.state()).toMatchObject(nothingHeld);
    await server.close();
  });

  it('a file of another size is told, and the session can be given up', async () => {
    const server = await serverProcess();
    await writeBytes(folder, 'grown.bin', 1001);
    const { upload_id, files } = await link(server, { 'grown.bin': 1000 });
    expect(await run(files[0]?.command ?? '')).toMatchObject({ status: 0 });
    const answer = await finish(server, upload_id);
    expect(answer.code).toContain('upload_incomplete');
    expect(answer.text).toContain('another size than was said, call uploads.fail');
    const giveUp = { upload_id, error_message: 'wrong size' };
    expect(await server.call(operationTool(uploads.fail), giveUp)).toMatchObject({
      isError: false,
    });
    expect(sandbox.state()).toMatchObject(nothingHeld);
    expect((await finish(server, upload_id)).text).toContain('already over');
    expect(server.context.links.find({ owner: 'me', uploadId: upload_id })).toBeUndefined();
  });

  it('a link that has expired is told by curl, and a fresh one takes its place', async () => {
    const server = await serverProcess();
    await writeBytes(folder, 'a.bin', 1000);
    sandbox.inject({ on: 'uploads.signed_url', do: { expire: true } });
    const first = await link(server, { 'a.bin': 1000 });
    expect(Date.parse(first.expires_at)).toBeLessThan(Date.now());
    const refused = await run(first.files[0]?.command ?? '');
    expect(refused.status).toBe(22);
    expect(refused.stdout).toContain('ExpiredToken');
    const { upload_id } = first;
    const answer = await server.call(createUploadLink, {
      upload_id,
      files: [{ file_name: 'a.bin', bytes: 1000 }],
    });
    const fresh = linked.parse(answer.facts);
    expect(fresh.upload_id).toBe(upload_id);
    expect(Date.parse(fresh.expires_at)).toBeGreaterThan(Date.now());
    expect(await run(fresh.files[0]?.command ?? '')).toMatchObject({ status: 0 });
    expect(await finish(server, upload_id)).toMatchObject({ isError: false });
    expect(sandbox.state().sessions).toHaveLength(1);
    await server.close();
  });

  it('no redirect is followed, even if the user has curl do so', async () => {
    const server = await serverProcess();
    await writeFile(join(base, '.curlrc'), 'location\n');
    await writeBytes(folder, 'a.bin', 1000);
    const { upload_id, files } = await link(server, { 'a.bin': 1000 });
    const headers = { location: 'http://127.0.0.1:9/elsewhere' };
    sandbox.inject({ on: 'storage.put', do: { status: 307, headers } });
    // Nobody listens there: curl would fail if it went.
    expect(await run(files[0]?.command ?? '')).toMatchObject({ status: 0 });
    expect((await finish(server, upload_id)).code).toContain('upload_incomplete');
    await server.close();
  });

  it('an upload that one process opened is finished by another', async () => {
    const opener = await serverProcess({ journaled: true });
    await writeBytes(folder, 'a.bin', 1000);
    const { upload_id, files } = await link(opener, { 'a.bin': 1000 });
    await opener.close();
    expect(await run(files[0]?.command ?? '')).toMatchObject({ status: 0 });
    const other = await serverProcess({ journaled: true });
    const answer = await finish(other, upload_id);
    expect(finished.parse(answer.facts).item_ids).toHaveLength(1);
    await holdUntil(0);
    expect(await sweep(other)).toMatchObject([{ outcome: { state: 'over' } }]);
    expect(await readdir(journal)).toEqual([]);
  });
});

/** Releases what processes have left, as a server does from time to time. */
async function sweep({ context }: Server, owner = 'me') {
  const { recovered } = await releaseLeftSessions({
    folder: journal,
    account: account(),
    release: (request) => releaseCrashedSession(request, context),
    log: context.log,
    isAwaited: (uploadId) => context.links.isAwaited({ owner, uploadId }),
    signal: new AbortController().signal,
  });
  return recovered;
}

/** Sets the time until which the one noted session is left alone. */
async function holdUntil(time: number): Promise<void> {
  const [name = ''] = await readdir(journal);
  const path = join(journal, name);
  const record: object = JSON.parse(await readFile(path, 'utf8'));
  await writeFile(path, JSON.stringify({ ...record, heldUntil: time }));
}

describe('an upload link whose user never comes', () => {
  it('holds no quota beyond its deadline', async () => {
    const server = await serverProcess({ journaled: true });
    const { deadline = '' } = await link(server, { 'a.bin': 1000 });
    await server.clock.pass(Date.parse(deadline) - server.clock.now() - 1);
    expect(sandbox.state()).toMatchObject({ open_sessions: 1, reserved_bytes: 1000 });
    await server.clock.pass(1);
    await vi.waitFor(() => expect(sandbox.state()).toMatchObject(nothingHeld));
    expect(onlySession()).toMatchObject({ status: 'failed', error_step: 'transfer' });
    await vi.waitFor(async () => expect(await readdir(journal)).toEqual([]));
    await server.clock.pass(1000 * HOUR);
    expect(onlySession()?.calls['uploads.fail']).toBe(1);
  });

  it('is left alone after a crash until its time is over, and then released', async () => {
    const opener = await serverProcess({ journaled: true });
    const { upload_id } = await link(opener, { 'a.bin': 1000 });
    await opener.close();
    const other = await serverProcess({ journaled: true });
    expect(await sweep(other)).toEqual([]);
    expect(sandbox.state()).toMatchObject({ open_sessions: 1, reserved_bytes: 1000 });
    await holdUntil(Date.now() - 1);
    expect(await sweep(other)).toMatchObject([
      { outcome: { state: 'released', uploadId: upload_id } },
    ]);
    expect(sandbox.state()).toMatchObject(nothingHeld);
    expect(await readdir(journal)).toEqual([]);
  });

  it('is left alone for as long as a server after the crash has signed links', async () => {
    const opener = await serverProcess({ journaled: true });
    const { upload_id } = await link(opener, { 'a.bin': 1000 });
    await opener.close();
    const other = await serverProcess({ journaled: true });
    const files = [{ file_name: 'a.bin', bytes: 1000 }];
    expect(await other.call(createUploadLink, { upload_id, files })).toMatchObject({
      isError: false,
    });
    await holdUntil(Date.now() - 1);
    expect(await sweep(other)).toEqual([]);
    await other.clock.pass(HOUR - 1);
    expect(await sweep(other)).toEqual([]);
    await other.clock.pass(1);
    expect(await sweep(other)).toMatchObject([{ outcome: { state: 'released' } }]);
    expect(sandbox.state()).toMatchObject(nothingHeld);
  });

  it('is failed at the end of a server that keeps no journal', async () => {
    const server = await serverProcess();
    await link(server, { 'a.bin': 1000 });
    await server.close();
    expect(sandbox.state()).toMatchObject(nothingHeld);
  });

  it('shows its secret in the answer alone', async () => {
    const server = await serverProcess({ journaled: true });
    const { deadline = '', files } = await link(server, { 'a.bin': 1000 });
    const [, signature = ''] = /X-Goog-Signature=(\w+)/.exec(files[0]?.command ?? '') ?? [];
    expect(signature).not.toBe('');
    const [name = ''] = await readdir(journal);
    const record = await readFile(join(journal, name), 'utf8');
    await server.clock.pass(Date.parse(deadline) - server.clock.now());
    await vi.waitFor(() => expect(server.lines).toHaveLength(1));
    for (const text of [record, JSON.stringify(server.lines)]) {
      for (const secret of [signature, 'X-Goog', sandbox.token]) expect(text).not.toContain(secret);
    }
  });
});

describe('create_upload_link', () => {
  const a = { file_name: 'a.bin', bytes: 1 };
  const project = () => ({ project_id: sandbox.projectId });

  it.each<[string, () => object, RegExp]>([
    ['neither a project nor a session', () => ({ files: [a] }), /project_id: Required/],
    [
      'both a project and a session',
      () => ({ ...project(), upload_id: 'u', files: [a] }),
      /project_id: not together with upload_id/,
    ],
    [
      'a session and where its data goes',
      () => ({ upload_id: 'u', target_item_id: 'i', is_categorical: true, files: [a] }),
      /target_item_id: not together.*is_categorical: not together/,
    ],
    ['no file', () => ({ ...project(), files: [] }), /files/],
    [
      'more than 20 files',
      () => ({ ...project(), files: Array.from({ length: 21 }, () => a) }),
      /files/,
    ],
    ['two files of one name', () => ({ ...project(), files: [a, a] }), /same name/],
    ...['..', '../a', 'a/b', 'a\\b', 'a\nb', 'a\rb', '\u202e', '\ud800'].map(
      (name): [string, () => object, RegExp] => [
        `the name ${JSON.stringify(name)}`,
        () => ({ ...project(), files: [{ ...a, file_name: name }] }),
        /cannot be the name/,
      ],
    ),
    ...['image/tiff\nX: y', "image/'tiff", 'tiff'].map((type): [string, () => object, RegExp] => [
      `the content type ${JSON.stringify(type)}`,
      () => ({ ...project(), files: [{ ...a, content_type: type }] }),
      /content_type/,
    ]),
    ...[-1, 0.5, 2 ** 53].map((bytes): [string, () => object, RegExp] => [
      `${bytes} bytes`,
      () => ({ ...project(), files: [{ ...a, bytes }] }),
      /bytes/,
    ]),
  ])('with %s is refused before anything is asked for', async (_, args, words) => {
    const server = await serverProcess();
    const answer = await server.call(createUploadLink, args());
    expect(answer.code).toContain('invalid_arguments');
    expect(answer.text).toMatch(words);
    expect(sandbox.state().sessions).toEqual([]);
  });

  it('for a session that was finished signs nothing, and lets it be', async () => {
    const server = await serverProcess();
    const { upload_id } = await link(server, { 'a.bin': 1000 });
    const giveUp = { upload_id, error_message: 'not wanted' };
    await server.call(operationTool(uploads.fail), giveUp);
    const calls = () => onlySession()?.calls['uploads.fail'];
    const before = calls();
    const answer = await server.call(createUploadLink, {
      upload_id,
      files: [{ file_name: 'a.bin', bytes: 1000 }],
    });
    expect(answer).toMatchObject({ isError: true });
    expect(answer.text).toContain('No upload link was signed.');
    expect(answer.text).toContain('was left as it is');
    expect(calls()).toBe(before);
    await server.close();
  });

  it('says where the commands run on Windows', async () => {
    const server = await serverProcess();
    const files = [{ file_name: 'a.bin', bytes: 1000 }];
    const { facts } = await server.call(createUploadLink, { ...project(), files });
    expect(facts?.['next']).toContain('on Windows in Git Bash or WSL');
    await server.close();
  });

  it('beyond the quota reserves nothing', async () => {
    const server = await serverProcess();
    const files = [{ file_name: 'a.bin', bytes: 20 * 1024 ** 3 }];
    const answer = await server.call(createUploadLink, { ...project(), files });
    expect(answer.code).toContain('payment_required');
    expect(sandbox.state()).toMatchObject(nothingHeld);
  });
});

describe('finish_upload', () => {
  it('of a session that is not there says so, and no more', async () => {
    const server = await serverProcess();
    const answer = await finish(server, 'u_nowhere');
    expect(answer.code).toContain('not_found');
    expect(answer.text).toContain('failed at the step complete');
    expect(answer.text).toContain('Geopera does not know upload session u_nowhere');
    expect(answer.text).not.toContain('completed');
  });

  it('by another caller is for the API to judge, and the session is forgotten in time', async () => {
    const server = await serverProcess();
    const { upload_id, deadline = '' } = await link(server, { 'a.bin': 1000 });
    const other = await serverProcess({ owner: 'other' });
    expect((await finish(other, upload_id)).code).toContain('upload_incomplete');
    await other.context.geopera.call(
      uploads.fail,
      { upload_id, error_message: 'given up' },
      new AbortController().signal,
    );
    await server.clock.pass(Date.parse(deadline) - server.clock.now());
    await vi.waitFor(() => expect(server.lines).toHaveLength(1));
    expect(JSON.stringify(server.lines)).toContain('"over"');
  });
});
