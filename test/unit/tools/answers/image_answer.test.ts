import { describe, expect, it } from 'vitest';
import { answerToFile, noteOf, sentBody } from './answer_world.ts';

const MIB = 1024 * 1024;

/** How images of each type begin. */
const STARTS = {
  'image/png': Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
  'image/jpeg': Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
  'image/webp': Buffer.from('RIFF\n\r\0\0WEBPVP8 ', 'latin1'),
  'image/gif': Buffer.from('GIF89a'),
};
const STARTED = Object.entries(STARTS);

/** A PNG of so many bytes, as far as it is looked at. */
const png = (bytes: number) => Buffer.concat([STARTS['image/png'], Buffer.alloc(bytes)], bytes);

describe('an image that the API sends', () => {
  it.each(STARTED)('is shown: %s', async (type, start) => {
    const { file, sent } = sentBody([start.subarray(0, 2), start.subarray(2)], {
      'content-type': type,
    });
    expect(await answerToFile(file, { response: 'image' })).toEqual({
      facts: { media_type: type, bytes: start.byteLength },
      images: [{ data: start.toString('base64'), mediaType: type }],
    });
    expect(sent.closed).toBe(1);
  });

  it.each<[string, Record<string, string>]>([
    ['another type', { 'content-type': 'image/jpeg' }],
    ['nothing', {}],
    ['bytes', { 'content-type': 'application/octet-stream' }],
  ])('is shown as what it is where it is said to be %s', async (_, headers) => {
    const answer = await answerToFile(sentBody([png(9)], headers).file, { response: 'image' });
    expect(answer.facts).toEqual({ media_type: 'image/png', bytes: 9 });
    expect(answer.images).toMatchObject([{ mediaType: 'image/png' }]);
  });

  it.each([
    ['image/png', 'image/png'],
    ['application/octet-stream', undefined],
  ])('is not shown where its bytes are those of none: %s', async (said, type) => {
    const { file } = sentBody(['<html>'], { 'content-type': said });
    const answer = await answerToFile(file, { response: 'image' });
    expect(answer.images).toBeUndefined();
    expect(answer.facts['media_type']).toBe(type);
    expect(noteOf(answer).says).toContain('of this kind');
  });

  it('that is a plain text is given as that', async () => {
    const { file } = sentBody(['no data here'], { 'content-type': 'text/plain' });
    const answer = await answerToFile(file, { response: 'image' });
    expect(answer.facts).toEqual({ media_type: 'text/plain', text: 'no data here' });
  });

  it.each([
    ['of 1 MiB', MIB, 1],
    ['of one byte more', MIB + 1, 0],
  ])('%s', async (_, bytes, images) => {
    const { file } = sentBody([png(bytes)], { 'content-type': 'image/png' });
    const answer = await answerToFile(file, { response: 'image' });
    expect(answer.images ?? []).toHaveLength(images);
  });

  it('that states to be larger than 1 MiB is not read, and how to have it is said', async () => {
    const headers = { 'content-type': 'image/png', 'content-length': `${5 * MIB}` };
    const { file, sent } = sentBody([Buffer.alloc(9)], headers);
    const answer = await answerToFile(file, { response: 'image' });
    expect(answer.facts).toMatchObject({ media_type: 'image/png', bytes: 5 * MIB });
    expect(answer.images).toBeUndefined();
    expect(noteOf(answer).says).toMatch(/1 MiB.*save_answer_to_path/);
    expect(sent).toEqual({ read: 0, closed: 1 });
  });

  it.each([
    ['external_spend', 'smaller'],
    ['share_export', 'smaller'],
    ['compute', 'save_answer_to_path'],
  ] as const)('of an operation of effect %s leads to: %s', async (effect, way) => {
    const headers = { 'content-type': 'image/png', 'content-length': `${5 * MIB}` };
    const answer = await answerToFile(sentBody([], headers).file, {
      response: 'image',
      effect,
    });
    expect(noteOf(answer).says).toContain(way);
  });

  it('is not led to a tool that is not offered', async () => {
    const headers = { 'content-type': 'image/png', 'content-length': `${5 * MIB}` };
    const { file } = sentBody([], headers);
    const answer = await answerToFile(file, { response: 'image' }, {}, { offers: () => false });
    expect(noteOf(answer).says).toMatch(/1 MiB.*smaller/);
  });

  it('of a kind that models are not shown is not read', async () => {
    const { file, sent } = sentBody([Buffer.alloc(9)], { 'content-type': 'image/tiff' });
    const answer = await answerToFile(file, { response: 'image' });
    expect(answer.images).toBeUndefined();
    expect(noteOf(answer).says).toContain('of this kind');
    expect(sent).toEqual({ read: 0, closed: 1 });
  });

  it('that is empty is told', async () => {
    const { file } = sentBody([], { 'content-type': 'image/png' });
    const answer = await answerToFile(file, { response: 'image' });
    expect(answer).toEqual({
      facts: { geopera_mcp: { says: 'The image is empty.' }, media_type: 'image/png', bytes: 0 },
    });
  });

  it('that is a page of somebody else is a failure', async () => {
    const { file, sent } = sentBody(['<html>sign in'], { 'content-type': 'text/html' });
    await expect(answerToFile(file, { response: 'image' })).rejects.toMatchObject({
      kind: 'not_the_api',
    });
    expect(sent).toEqual({ read: 0, closed: 1 });
  });

  it('or JSON, where that was asked for', async () => {
    const answer = await answerToFile({ kind: 'json', value: { mean: 1 } }, { response: 'image' });
    expect(answer).toEqual({ facts: { mean: 1 } });
  });
});

describe('a file that the API sends', () => {
  it.each([
    ['with its size', { 'content-type': 'image/tiff', 'content-length': '12' }, 12],
    ['of unknown size', { 'content-type': 'image/tiff' }, undefined],
  ])('is not read: %s', async (_, headers, bytes) => {
    const { file, sent } = sentBody([Buffer.alloc(12)], headers);
    const answer = await answerToFile(file, { response: 'file', id: 'clip.job.download' });
    expect(answer.facts).toMatchObject({ media_type: 'image/tiff' });
    expect(answer.facts['bytes']).toBe(bytes);
    expect(noteOf(answer).says).toContain('download_clip_to_path');
    expect(sent).toEqual({ read: 0, closed: 1 });
  });

  it('that is empty is told', async () => {
    const { file } = sentBody([], { 'content-length': '0' });
    const answer = await answerToFile(file, { response: 'file' });
    expect(answer.facts).toEqual({ geopera_mcp: { says: 'The answer is empty.' }, bytes: 0 });
  });

  it('is told by its descriptor, or by where it is', async () => {
    const record = { response: 'file', secrets: ['url'] } as const;
    const url = 'https://s.example/o';
    const facts = { url, size: 3 };
    expect(await answerToFile({ kind: 'json', value: facts }, record)).toEqual({
      facts,
      secrets: ['url'],
    });
    const redirect = { kind: 'redirect', location: url, from: 'https://api.example/op' } as const;
    expect(await answerToFile(redirect, record)).toEqual({ facts: { url }, secrets: ['url'] });
  });

  it('of no known type is not read, whatever the operation promised', async () => {
    const { file, sent } = sentBody([Buffer.alloc(3)], { 'content-type': 'application/zip' });
    const answer = await answerToFile(file, { response: 'image' });
    expect(answer.facts).toMatchObject({ media_type: 'application/zip' });
    expect(sent).toEqual({ read: 0, closed: 1 });
  });
});
