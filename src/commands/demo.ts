import type { Config } from '../config.ts';
import { runMainJob } from '../demo/main_job.ts';

/** `geopera-mcp demo`: the main job from end to end, through a real client. Throws if a step fails. */
export async function runDemo(config: Config): Promise<void> {
  const report = await runMainJob({ file: config.file, out: process.stdout });
  if (config.json) process.stdout.write(`${JSON.stringify(report)}\n`);
}
