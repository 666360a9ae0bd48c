import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type DemoClient, startDemoClient } from './demo_client.ts';
import { createSteps, type Steps } from './steps.ts';

/** What a job of the demo is given. */
export interface JobOptions {
  /** What to upload; a sample if absent. */
  readonly file: string | undefined;
  readonly out: NodeJS.WriteStream;
  /** Ends the job early; it throws then, as for a step that fails. */
  readonly signal: AbortSignal;
}

/** What a job came to, as `demo --json` prints it. */
export interface JobReport {
  /** Whether what arrived is what was sent. */
  readonly ok: boolean;
}

export interface StageOptions extends Pick<JobOptions, 'out' | 'signal'> {
  /** Whether the demo's folder is the user's once all went well. */
  readonly keepsFolder: boolean;
}

/** The server that a scene is played with. */
export interface SceneServer {
  /** What its environment says of the services. */
  readonly env: Readonly<Record<string, string>>;
  /** Those it may read and write. */
  readonly folders: readonly string[];
  readonly flags?: readonly string[];
}

/** Where a job of the demo is played. */
export interface Stage {
  /** A folder of the demo's own. */
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly steps: Steps;
  /** The path of a sample that comes with the command. */
  sample(name: string): string;
  /** Plays a scene with a client of its own, which is gone afterwards. */
  withClient<T>(server: SceneServer, scene: (client: DemoClient) => Promise<T>): Promise<T>;
}

/** Sets the stage, has the job played, and clears up, also if it throws. */
export async function onStage<T>(
  { out, signal, keepsFolder }: StageOptions,
  play: (stage: Stage) => Promise<T>,
): Promise<T> {
  const script = await realpath(process.argv[1] ?? '');
  const steps = createSteps(out);
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'geopera-demo-'));
  const clear = () => rm(folder, { recursive: true, force: true });
  const onQuestion = (question: string) => {
    // What is asked, and what comes of it; the rest is detail.
    const asked = question.split('\n').slice(0, 2).join(' ');
    steps.done(`the user is asked first: ${asked} Here, the answer is yes`);
  };
  const stage: Stage = {
    folder,
    signal,
    steps,
    sample: (name) => join(dirname(script), '..', 'examples', name),
    withClient: async (server, scene) => {
      const client = await startDemoClient({ script, signal, onQuestion, ...server });
      try {
        return await scene(client);
      } finally {
        await client.close();
      }
    },
  };
  try {
    const outcome = await play(stage);
    if (!keepsFolder) await clear();
    return outcome;
  } catch (error) {
    await clear();
    throw error;
  }
}
