import { z } from 'zod';
import type { Fault } from '../../src/sandbox/sandbox.ts';
import { spawnCommand } from '../e2e/spawned.ts';

const announcement = z.object({ url: z.string(), token: z.string(), project_id: z.string() });

const stateSchema = z.object({
  sessions: z.array(
    z.object({
      id: z.string(),
      status: z.string(),
      reserved_bytes: z.number(),
      calls: z.record(z.number()),
      error_step: z.string().nullable(),
    }),
  ),
  open_sessions: z.number(),
  reserved_bytes: z.number(),
  egress_bytes: z.number(),
  faults_struck: z.number(),
});

export type SandboxState = z.output<typeof stateSchema>;

/** `geopera-mcp sandbox` as a process of its own, which outlives the servers that use it. */
export interface SandboxProcess {
  readonly url: string;
  readonly token: string;
  readonly projectId: string;
  state(): Promise<SandboxState>;
  inject(fault: Fault): Promise<void>;
  /** Takes back the faults that have not struck. */
  clearFaults(): Promise<void>;
  close(): Promise<void>;
}

export async function startSandboxProcess(dataDir: string): Promise<SandboxProcess> {
  const child = spawnCommand({ args: ['sandbox', '--data', dataDir] });
  // Its announcement is the only line, and no JSON-RPC.
  await child.message(() => true);
  const { url, token, project_id } = announcement.parse(JSON.parse(child.lines[0] ?? ''));
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const ask = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const response = await fetch(`${url}/sandbox/${path}`, { ...init, headers });
    if (!response.ok) throw new Error(`the sandbox: ${path}: ${await response.text()}`);
    return response.json();
  };
  return {
    url,
    token,
    projectId: project_id,
    state: async () => stateSchema.parse(await ask('state')),
    inject: async (fault) => {
      await ask('faults', { method: 'POST', body: JSON.stringify(fault) });
    },
    clearFaults: async () => {
      await ask('faults', { method: 'DELETE' });
    },
    close: async () => {
      child.process.kill('SIGTERM');
      await child.ended;
    },
  };
}
