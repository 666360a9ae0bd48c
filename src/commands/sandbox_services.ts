import type { Config } from '../config.ts';

type ServiceName = Config['withServices'][number];

/** What whoever configures a client of the service has to know, in the names of its settings. */
type Announcement = Readonly<Record<string, string>>;

interface RunningService {
  readonly announcement: Announcement;
  close(): Promise<void>;
}

/** Services beside the sandbox. Their state lives as long as they do. */
export interface SandboxServices {
  /** By service. */
  readonly announcements: Readonly<Record<string, Announcement>>;
  close(): Promise<void>;
}

/** Each is loaded when it is asked for, and has a free port of its own. */
const START: Readonly<Record<ServiceName, () => Promise<RunningService>>> = {
  async opteryx() {
    const { startOpteryxEmulator } = await import('../sandbox/opteryx/opteryx_emulator.ts');
    const { uploadUrl, authUrl, clientId, clientSecret, close } = await startOpteryxEmulator();
    const announcement = {
      upload_url: uploadUrl,
      auth_url: authUrl,
      client_id: clientId,
      client_secret: clientSecret,
    };
    return { announcement, close };
  },
  async geolens() {
    const { startGeolensEmulator } = await import('../sandbox/geolens/geolens_emulator.ts');
    const { instance, apiKey, close } = await startGeolensEmulator();
    return { announcement: { instance, api_key: apiKey }, close };
  },
};

/** @throws what the start of one throws, after which none of them runs */
export async function startSandboxServices(
  names: readonly ServiceName[],
): Promise<SandboxServices> {
  const running = new Map<string, RunningService>();
  const close = async () => {
    await Promise.all([...running.values()].map((service) => service.close()));
  };
  try {
    for (const name of new Set(names)) running.set(name, await START[name]());
  } catch (error) {
    await close();
    throw error;
  }
  const announcements = [...running].map(([name, { announcement }]) => [name, announcement]);
  return { announcements: Object.fromEntries(announcements), close };
}
