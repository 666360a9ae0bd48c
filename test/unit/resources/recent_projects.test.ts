import { expect, it } from 'vitest';
import { RecentProjects } from '../../../src/resources/recent_projects.ts';

it('knows the latest first, and the sandbox for all', () => {
  const projects = new RecentProjects('sandbox');
  for (const id of ['a', 'b', 'a']) projects.remember('me', id);
  expect(projects.of('me')).toEqual(['a', 'b', 'sandbox']);
  expect(projects.of('you')).toEqual(['sandbox']);
});

it('keeps nothing that is no id', () => {
  const projects = new RecentProjects();
  for (const id of [undefined, null, 7, '', {}]) projects.remember('me', id);
  expect(projects.of('me')).toEqual([]);
});

it('forgets the oldest projects of one owner, and the owners who stayed away longest', () => {
  const projects = new RecentProjects();
  for (let index = 0; index < 30; index += 1) projects.remember('me', `p${index}`);
  expect(projects.of('me')).toHaveLength(20);
  expect(projects.of('me')[0]).toBe('p29');
  for (let index = 0; index < 999; index += 1) projects.remember(`o${index}`, 'p');
  expect(projects.of('me')).toHaveLength(20);
  projects.remember('one more', 'p');
  expect(projects.of('me')).toEqual([]);
  expect(projects.of('o0')).toEqual(['p']);
});
