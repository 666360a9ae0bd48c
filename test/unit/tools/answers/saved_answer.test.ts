import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { FileAnswer } from '../../../../src/geopera/answers.ts';
import { createTransferJobs } from '../../../../src/jobs/transfer_jobs.ts';
import type { Operation } from '../../../../src/operations/operation.ts';
import type { AnswerView } from '../../../../src/tools/answers/answer_of.ts';
import { answerOf } from '../../../../src/tools/answers/answer_of.ts';
import type { ToolAnswer } from '../../../../src/tools/tool.ts';
import { createTransferEngine } from '../../../../src/transfer/engine.ts';
import { TransferError } from '../../../../src/transfer/failures/transfer_error.ts';
import type { FakeAnswers } from '../../geopera/fake_geopera.ts';
import { text, tinyApi } from '../../geopera/tiny_api.ts';
import { ManualClock } from '../../jobs/manual_clock.ts';
import { workflowWorld } from '../../workflows/workflow_world.ts';
import { toolCall } from '../tool_calls.ts';
import { noteOf, operation, sentBody } from './answer_world.ts';

let folder: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'geopera-answer-')));
  return () => rm(folder, { recursive: true, force: true });
});

/** A call to whom the folder alone is allowed. */
function savingCall(answers: FakeAnswers) {
  const { context, ...world } = workflowWorld(answers);
  const engine = createTransferEngine();
  onTestFinished(() => engine.close());
  const folders = async () => ({ folders: [folder] });
  const clock = new ManualClock();
  const call = toolCall({ ...world, context: { ...context, engine } }, { clock, folders });
  return { call, calls: world.geopera.calls };
}

/** Saves what an API answers to a file of the folder. */
async function save(answers: FakeAnswers, asked: Operation, view: Partial<AnswerView> = {}) {
  const { call, calls } = savingCall(answers);
  const saveTo = join(folder, 'answer');
  return { answer: await answerOf(asked, {}, { skip: 0, saveTo, ...view }, call, {}), calls };
}

const file = (answer: FileAnswer): FakeAnswers => ({ openFile: async () => answer });
const saved = () => readFile(join(folder, 'answer'), 'utf8');

describe('an answer that is saved', () => {
  it('as JSON is written whole, however long, and linked', async () => {
    const value = Array.from({ length: 9000 }, (_, id) => ({ id, text: 'é' }));
    const { answer } = await save({ call: async () => value }, operation());
    expect(JSON.parse(await saved())).toEqual(value);
    const path = join(folder, 'answer');
    const bytes = Buffer.byteLength(JSON.stringify(value));
    expect(answer.facts).toMatchObject({ status: 'completed', path, bytes });
    expect(answer.file).toEqual({ path, bytes, mediaType: 'application/json' });
    expect(JSON.stringify(answer).length).toBeLessThan(1000);
    expect(await readdir(folder)).toEqual(['answer']);
  });

  it('as JSON may be one member of it', async () => {
    await save({ call: async () => ({ a: { b: [1] } }) }, operation(), { part: 'a.b' });
    expect(await saved()).toBe('[1]');
  });

  it('as JSON says whether its list goes on, and by which call', async () => {
    const page = { limit: z.number().default(3), offset: z.number().default(0) };
    const call = async () => ({ items: [{ id: 1 }, { id: 2 }, { id: 3 }], total: 5 });
    const { answer } = await save({ call }, operation({}, page));
    expect(noteOf(answer)).toEqual({
      shown: { from: 0, count: 3, of: 5, says: '3 of 5 records' },
      next: {
        tool: 'save_answer_to_path',
        arguments: { operation: 'things.get', arguments: { offset: 3 } },
        says: 'Give it a path of its own.',
      },
    });
    const { answer: all } = await save({ call }, operation(), { overwrite: true });
    expect(all.facts).not.toHaveProperty('geopera_mcp');
  });

  it('of nothing is null', async () => {
    await save({ call: async () => undefined }, operation());
    expect(await saved()).toBe('null');
  });

  it('says which of its members are secrets', async () => {
    const { answer } = await save(
      { call: async () => ({ key: 'k', url: 'https://s.example/o?sig=abc' }) },
      operation({ secrets: ['key'] }),
    );
    expect(answer.facts['secret_members']).toEqual(['key', 'url']);
    expect(JSON.stringify(answer)).not.toContain('abc');
  });

  it.each(['image', 'xml', 'ndjson', 'file'] as const)(
    'of kind %s is written as it comes',
    async (response) => {
      const headers = { 'content-type': 'image/tiff', 'content-length': '6' };
      const { answer } = await save(
        file(sentBody(['abc', 'def'], headers).file),
        operation({ response }),
      );
      expect(await saved()).toBe('abcdef');
      expect(answer.file).toMatchObject({ bytes: 6, mediaType: 'image/tiff' });
    },
  );

  it.each([
    ['a descriptor', (url: string): FileAnswer => ({ kind: 'json', value: { url, size: 3 } })],
    [
      'a redirect',
      (url: string): FileAnswer => ({
        kind: 'redirect',
        location: url,
        from: 'https://a.example/',
      }),
    ],
  ])('of a file is what %s leads to', async (_, answerFor) => {
    const storage = await tinyApi(text('bytes', { 'content-type': 'image/tiff' }));
    const { answer } = await save(
      file(answerFor(`${storage.url}/o?sig=SECRET`)),
      operation({ response: 'file' }),
    );
    expect(await saved()).toBe('bytes');
    expect(JSON.stringify(answer)).not.toContain('SECRET');
    expect(storage.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('of a file that is JSON without an address is that JSON', async () => {
    await save(file({ kind: 'json', value: { report: 1 } }), operation({ response: 'file' }));
    expect(await saved()).toBe('{"report":1}');
  });

  it('of an image elsewhere is that image', async () => {
    const server = await tinyApi(text('png', { 'content-type': 'image/png' }));
    const location = `${server.url}/q.png`;
    await save(
      file({ kind: 'redirect', location, from: server.url }),
      operation({ response: 'redirect' }),
    );
    expect(await saved()).toBe('png');
  });

  it('of an image inside another network is refused', async () => {
    const server = await tinyApi(text('png', { 'content-type': 'image/png' }));
    const redirect = { kind: 'redirect', location: `${server.url}/q.png` } as const;
    const saving = save(
      file({ ...redirect, from: 'https://api.example/' }),
      operation({ response: 'redirect' }),
    );
    await expect(saving).rejects.toMatchObject({ code: 'address_refused' });
    expect(await readdir(folder)).toEqual([]);
    expect(server.requests).toEqual([]);
  });
});

describe('a path that an answer may not be saved to', () => {
  beforeEach(async () => {
    await writeFile(join(folder, 'there'), 'old');
    await mkdir(join(folder, 'sub'));
    await symlink(join(folder, 'there'), join(folder, 'link'));
  });

  it.each([
    ['outside', '/etc/answer'],
    ['outside', '../answer'],
    ['parent_missing', 'nowhere/answer'],
    ['not_a_file', 'sub'],
    ['symlink', 'link'],
    ['exists', 'there'],
  ])('is refused before anything is asked for: %s', async (reason, saveTo) => {
    const asked: string[] = [];
    const call = async (id: string) => asked.push(id);
    await expect(save({ call }, operation(), { saveTo })).rejects.toMatchObject({ reason });
    expect(asked).toEqual([]);
    expect(await readFile(join(folder, 'there'), 'utf8')).toBe('old');
  });

  it('is taken where it is to be replaced', async () => {
    await save({ call: async () => 1 }, operation(), { saveTo: 'there', overwrite: true });
    expect(await readFile(join(folder, 'there'), 'utf8')).toBe('1');
  });
});

describe('an answer that cannot be saved', () => {
  const broken = () => {
    async function* body() {
      yield Buffer.from('abc');
      throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
    }
    return sentBody(body(), { 'content-type': 'image/png', 'content-length': '6' }).file;
  };
  const whole = () => sentBody(['abcdef'], { 'content-length': '6' }).file;

  it('whole is asked for again, where that is a read', async () => {
    const bodies = [broken(), whole()];
    const { calls } = await save(
      { openFile: async () => bodies.shift() ?? whole() },
      operation({ response: 'image' }),
    );
    expect(calls).toHaveLength(2);
    expect(await saved()).toBe('abcdef');
  });

  it('whole is not asked for again where the operation does more, and nothing is left', async () => {
    let calls = 0;
    const openFile = async () => {
      calls += 1;
      return broken();
    };
    const saving = save({ openFile }, operation({ response: 'image', effect: 'compute' }));
    await expect(saving).rejects.toBeInstanceOf(TransferError);
    expect(calls).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });

  it('since somebody else took its name leaves theirs', async () => {
    const call = async () => {
      await writeFile(join(folder, 'answer'), 'theirs');
      return { mine: 1 };
    };
    await expect(save({ call }, operation())).rejects.toMatchObject({ code: 'target_exists' });
    expect(await saved()).toBe('theirs');
    expect(await readdir(folder)).toEqual(['answer']);
  });

  it('since its folder went away leaves nothing, and its body is closed', async () => {
    const { file: body, sent } = sentBody(['abc'], { 'content-length': '3' });
    const openFile = async () => {
      await rm(folder, { recursive: true });
      return body;
    };
    const saving = save({ openFile }, operation({ response: 'image' }));
    await expect(saving).rejects.toMatchObject({ code: 'target_unwritable' });
    expect(sent).toEqual({ read: 0, closed: 1 });
  });

  it('since a page of somebody else came leaves nothing', async () => {
    const { file: page, sent } = sentBody(['<html>'], { 'content-type': 'text/html' });
    const saving = save(file(page), operation({ response: 'image' }));
    await expect(saving).rejects.toMatchObject({ kind: 'not_the_api' });
    expect(sent).toEqual({ read: 0, closed: 1 });
    expect(await readdir(folder)).toEqual([]);
  });

  it('since the API refuses it says so, and nothing is left', async () => {
    const failure = new Error('refused');
    await expect(save({ call: () => Promise.reject(failure) }, operation())).rejects.toBe(failure);
    expect(await readdir(folder)).toEqual([]);
  });

  it('for want of the member that is wanted leaves nothing', async () => {
    const saving = save({ call: async () => ({ id: 1 }) }, operation(), { part: 'x' });
    await expect(saving).rejects.toThrow(/save_answer_to_path.*the answer has: id/);
    const { file: body, sent } = sentBody(['abc']);
    const image = save(file(body), operation({ response: 'image' }), { part: 'x' });
    await expect(image).rejects.toThrow('is no JSON');
    expect(sent).toEqual({ read: 0, closed: 1 });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('a save', () => {
  it('is known by what is asked for, of which nothing is kept', async () => {
    const keys: string[] = [];
    const { call } = savingCall({ call: async () => 1 });
    const jobs = createTransferJobs<ToolAnswer>(call.clock);
    const start: typeof jobs.start = (request) => {
      keys.push(request.key);
      return jobs.start(request);
    };
    const asked = operation({}, { password: z.string() });
    for (const [at, password] of ['SECRET 1', 'SECRET 2', 'SECRET 2'].entries()) {
      const view = { skip: 0, saveTo: join(folder, 'answer'), overwrite: true, part: undefined };
      await answerOf(asked, { password }, view, { ...call, jobs: { ...jobs, start } }, {});
      expect(keys).toHaveLength(at + 1);
    }
    expect(new Set(keys).size).toBe(2);
    expect(keys.join()).not.toContain('SECRET');
  });
});
