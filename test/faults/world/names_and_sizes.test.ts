import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { uploadFacts } from '../../integration/world.ts';
import { expectNoRemains, expectSound, faultWorld } from './fault_world.ts';

describe('a file goes there and back under its name', () => {
  it.each([
    '雪と氷 ☃.bin',
    'café in one.bin',
    'cafe\u0301 in two.bin',
    '🛰️🌍.bin',
    ' blanks  around .bin ',
    '100% #1? a=b&c;d.bin',
    'it\'s (a) [file] {of} "sorts".bin',
    '.hidden',
    '-rf',
    '~',
    `${'ü'.repeat(125)}x.bin`,
    'n'.repeat(255),
  ])('%j', async (name) => {
    const world = await faultWorld();
    const bytes = Buffer.from(`the bytes of ${name}`);
    await writeFile(join(world.folder, name), bytes);
    const sent = await world.call('upload_local_file', {
      path: join(world.folder, name),
      project_id: world.sandbox.projectId,
    });
    expect(sent.isError, sent.text).toBe(false);
    const { item_ids, files } = uploadFacts.parse(sent.facts);
    expect(files.map(({ file_name }) => file_name)).toEqual([name]);
    const path = join(world.folder, name);
    const asked = { item_id: item_ids[0] ?? '', asset_id: 'data', path };
    const refused = await world.call('download_asset_to_path', asked);
    expect(refused).toMatchObject({ isError: true, errorCode: 'path_exists' });
    await writeFile(path, 'another file');
    const back = await world.call('download_asset_to_path', { ...asked, overwrite: true });
    expect(back.isError, back.text).toBe(false);
    await expectSound(world, { [path]: bytes });
    expect(await world.files()).toEqual([name]);
  });
});

it('an empty file goes there and back', async () => {
  const world = await faultWorld();
  const source = join(world.folder, 'empty.bin');
  await writeFile(source, '');
  const sent = await world.call('upload_local_file', {
    path: source,
    project_id: world.sandbox.projectId,
  });
  expect(sent.isError, sent.text).toBe(false);
  const path = join(world.folder, 'back.bin');
  const back = await world.call('download_asset_to_path', {
    item_id: uploadFacts.parse(sent.facts).item_ids[0] ?? '',
    asset_id: 'data',
    path,
  });
  expect(back.isError, back.text).toBe(false);
  expect(await readFile(path)).toEqual(Buffer.alloc(0));
  await expectSound(world, { [path]: Buffer.alloc(0) });
  await expectNoRemains(world);
});
