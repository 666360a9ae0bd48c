import { describe, expect, it } from 'vitest';
import { chooseFolders, type FolderSources } from '../../../src/tools/folder_policy.ts';

const sources: FolderSources = { allowDirs: [], roots: [], workingDirectory: '/home/ada' };

describe('the folders of a client', () => {
  it.each<[string, Partial<FolderSources>, string[]]>([
    ['what the operator allowed', { allowDirs: ['/data', '/srv'] }, ['/data', '/srv']],
    [
      'what the operator allowed, over the roots',
      { allowDirs: ['/data'], roots: ['file:///work'] },
      ['/data'],
    ],
    ['a whole filesystem, if the operator chose it', { allowDirs: ['/'] }, ['/']],
    ['the roots', { roots: ['file:///work', 'file:///data/a%20b'] }, ['/work', '/data/a b']],
    ['the roots that are local', { roots: ['https://x.example', 'file:///work'] }, ['/work']],
    ['the working directory', {}, ['/home/ada']],
    ['the working directory, for want of roots', { roots: [] }, ['/home/ada']],
    ['the working directory, for want of local roots', { roots: ['git://x'] }, ['/home/ada']],
    ['not a root on another machine', { roots: ['file://other/share'] }, ['/home/ada']],
    ['not a root with a hidden separator', { roots: ['file:///a%2Fb'] }, ['/home/ada']],
    ['nothing, where the working directory is all', { workingDirectory: '/' }, []],
  ])('%s', (_, given, folders) => {
    expect(chooseFolders({ ...sources, ...given })).toEqual(folders);
  });
});
