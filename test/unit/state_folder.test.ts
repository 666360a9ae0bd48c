import { describe, expect, it } from 'vitest';
import { defaultStateFolder } from '../../src/state_folder.ts';

describe.runIf(process.platform !== 'win32')('the state folder', () => {
  it.each<[NodeJS.ProcessEnv, string | undefined]>([
    [{ HOME: '/home/me' }, '/home/me/.local/state/geopera-mcp'],
    [{ HOME: '/home/me', XDG_STATE_HOME: '/state' }, '/state/geopera-mcp'],
    // The specification wants relative paths ignored.
    [{ HOME: '/home/me', XDG_STATE_HOME: 'state' }, '/home/me/.local/state/geopera-mcp'],
    [{ HOME: '/home/me', XDG_STATE_HOME: '' }, '/home/me/.local/state/geopera-mcp'],
    [{ HOME: 'me' }, undefined],
    [{}, undefined],
  ])('in %j is %s', (env, folder) => {
    expect(defaultStateFolder(env, 'linux')).toBe(folder);
  });

  it('is in the local application data on Windows', () => {
    expect(defaultStateFolder({ LOCALAPPDATA: '/local', HOME: '/home/me' }, 'win32')).toBe(
      '/local/geopera-mcp/state',
    );
    expect(defaultStateFolder({ HOME: '/home/me' }, 'win32')).toBeUndefined();
  });
});
