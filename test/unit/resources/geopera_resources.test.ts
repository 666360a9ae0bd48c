import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { geoperaResources } from '../../../src/resources/geopera_resources.ts';
import { RecentProjects } from '../../../src/resources/recent_projects.ts';
import { ResourceNotFound } from '../../../src/resources/resource_offer.ts';
import { Suggestions } from '../../../src/resources/suggestions.ts';
import type { FileAccess } from '../../../src/tools/file_access.ts';
import { askedWorld, done } from './asked_world.ts';

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'geopera-mcp-files-')));
});
afterEach(() => rm(folder, { recursive: true }));

/** A world in which `me` has downloaded a file. */
async function open(access: FileAccess) {
  const world = askedWorld();
  const path = join(folder, 'a.csv');
  await writeFile(path, 'a,b\n');
  const file = { path, bytes: 4, mediaType: 'text/csv' };
  const { id } = await done(world.asked, { facts: { path }, file });
  const projects = new RecentProjects();
  const resources = geoperaResources(access, projects, new Suggestions(projects));
  return {
    ...world,
    resources,
    file: pathToFileURL(path).href,
    transfer: `geopera://transfers/${id}`,
  };
}

describe('resources of an owner', () => {
  it('are listed to nobody else', async () => {
    const { resources, asked, as, file, transfer } = await open('paths');
    expect((await resources.list(asked)).map(({ uri }) => uri)).toEqual([transfer, file]);
    expect(await resources.list(as('you'))).toEqual([]);
  });

  it('are not there for anybody else', async () => {
    const { resources, asked, as, file, transfer } = await open('both');
    for (const uri of [file, transfer]) {
      expect((await resources.read(uri, asked)).contents).toMatchObject([{ uri }]);
      await expect(resources.read(uri, as('you'))).rejects.toBeInstanceOf(ResourceNotFound);
      const watching = resources.watch(uri, () => undefined, as('you'));
      await expect(watching).rejects.toBeInstanceOf(ResourceNotFound);
    }
  });

  it('are no files where files come by links', async () => {
    const { resources, asked, file, transfer } = await open('links');
    expect((await resources.list(asked)).map(({ uri }) => uri)).toEqual([transfer]);
    await expect(resources.read(file, asked)).rejects.toBeInstanceOf(ResourceNotFound);
  });
});
