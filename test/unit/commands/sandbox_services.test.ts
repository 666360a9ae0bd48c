import { beforeEach, describe, expect, it, vi } from 'vitest';
import { startSandboxServices } from '../../../src/commands/sandbox_services.ts';

const seen = vi.hoisted(() => {
  const none: readonly string[] = [];
  return { loaded: [...none], closed: [...none], fails: false };
});

vi.mock('../../../src/sandbox/opteryx/opteryx_emulator.ts', () => {
  seen.loaded.push('opteryx');
  return {
    startOpteryxEmulator: async () => ({
      uploadUrl: 'http://upload',
      authUrl: 'http://auth',
      clientId: 'user',
      clientSecret: 'opt_x_01',
      close: async () => void seen.closed.push('opteryx'),
    }),
  };
});

vi.mock('../../../src/sandbox/geolens/geolens_emulator.ts', () => {
  seen.loaded.push('geolens');
  return {
    startGeolensEmulator: async () => {
      if (seen.fails) throw new Error('no room');
      return {
        instance: 'http://instance',
        apiKey: 'key',
        close: async () => void seen.closed.push('geolens'),
      };
    },
  };
});

const OPTERYX = {
  upload_url: 'http://upload',
  auth_url: 'http://auth',
  client_id: 'user',
  client_secret: 'opt_x_01',
};

beforeEach(() => {
  seen.closed.length = 0;
  seen.fails = false;
});

describe('services beside the sandbox', () => {
  // In this order: what was loaded once stays so.
  it.each([
    { names: [], loaded: [], announced: {} },
    { names: ['opteryx', 'opteryx'], loaded: ['opteryx'], announced: { opteryx: OPTERYX } },
    {
      names: ['opteryx', 'geolens'],
      loaded: ['opteryx', 'geolens'],
      announced: { opteryx: OPTERYX, geolens: { instance: 'http://instance', api_key: 'key' } },
    },
  ] as const)(
    'are loaded when they are asked for: $names',
    async ({ names, loaded, announced }) => {
      const services = await startSandboxServices(names);
      expect(seen.loaded).toEqual(loaded);
      expect(services.announcements).toEqual(announced);
      expect(seen.closed).toEqual([]);
      await services.close();
      expect(seen.closed).toEqual(loaded);
    },
  );

  it('are closed when one of them cannot start', async () => {
    seen.fails = true;
    await expect(startSandboxServices(['opteryx', 'geolens'])).rejects.toThrow('no room');
    expect(seen.closed).toEqual(['opteryx']);
  });
});
