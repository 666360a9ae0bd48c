import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCRC32 } from 'hash-wasm';
import { expect } from 'vitest';
import { z } from 'zod';
import { bytesIn, findJournals } from '../../../src/transfer/downloads/download_journal.ts';
import { type SandboxProcess, startSandboxProcess } from '../sandbox_process.ts';
import {
  type ServerAnswer,
  type ServerPlace,
  type ServerProcess,
  spawnServer,
  startServer,
} from '../server_process.ts';
import type { KillFigures } from './kill_figures.ts';
import { type Act, type KillPlan, killsIn } from './kill_plan.ts';

const uploadFacts = z.object({
  upload_id: z.string(),
  item_ids: z.array(z.string()),
  files: z.array(z.object({ file_name: z.string(), storage_crc32c: z.string() })),
});
const downloadFacts = z.object({ bytes: z.number(), resumed_bytes: z.number().default(0) });

const CASTAGNOLI = 0x82f63b78;
/** Bytes on their way when one stream takes over the end of another's range, at most. */
const IN_FLIGHT_BYTES = 12_000_000;
const PATIENCE_MS = 20_000;

/** A file that worlds upload from and compare with. */
export interface SourceFile {
  readonly bytes: Buffer;
  readonly crc32c: string;
}

export async function sourceOf(bytes: Buffer): Promise<SourceFile> {
  const crc = (await createCRC32(CASTAGNOLI)).init().update(bytes).digest('binary');
  return { bytes, crc32c: Buffer.from(crc).toString('base64') };
}

interface RunningAct {
  readonly act: Act;
  readonly args: Readonly<Record<string, unknown>>;
  /** Where a download goes. */
  readonly path: string;
  readonly before: Buffer | undefined;
}

const TOOLS = { upload: 'upload_local_files', download: 'download_asset_to_path' } as const;

/** One sandbox, its data, and one server after the other, each of which is killed. */
export class KillWorld {
  readonly #sandbox: SandboxProcess;
  readonly #place: ServerPlace;
  readonly #sources: { readonly folder: string; readonly files: ReadonlyMap<string, SourceFile> };
  readonly #folder: string;
  readonly #figures: KillFigures;
  readonly #itemOf = new Map<string, string>();
  #server: ServerProcess;
  #known: ReadonlySet<string> = new Set();
  /** How long the last undisturbed act of each kind took, in milliseconds. */
  readonly #took = { upload: 100, download: 100 };
  #turn = 0;

  private constructor(
    sandbox: SandboxProcess,
    place: ServerPlace,
    server: ServerProcess,
    sources: { readonly folder: string; readonly files: ReadonlyMap<string, SourceFile> },
    folder: string,
    figures: KillFigures,
  ) {
    this.#sandbox = sandbox;
    this.#place = place;
    this.#server = server;
    this.#sources = sources;
    this.#folder = folder;
    this.#figures = figures;
  }

  static async open(
    base: string,
    sources: { readonly folder: string; readonly files: ReadonlyMap<string, SourceFile> },
    figures: KillFigures,
  ): Promise<KillWorld> {
    const folder = join(base, 'work');
    await mkdir(folder, { recursive: true });
    const sandbox = await startSandboxProcess(join(base, 'sandbox'));
    const place = {
      sandbox,
      folders: [folder, sources.folder],
      stateHome: join(base, 'state'),
    };
    const server = await startServer(place);
    const world = new KillWorld(sandbox, place, server, sources, folder, figures);
    await world.#uploadObjects();
    return world;
  }

  async close(): Promise<void> {
    await this.#server.close();
    await this.#sandbox.close();
  }

  /** The kills of one plan, then all that must hold. */
  async carryOut(plan: KillPlan): Promise<void> {
    this.#turn += 1;
    this.#figures.tried += killsIn(plan);
    const running = await Promise.all(plan.acts.map((act) => this.#prepare(act)));
    for (let time = plan.times ?? 1; time > 0; time -= 1) {
      await this.#killIn(plan, running);
      for (const one of running) await this.#hasArrived(one);
      await this.#sandbox.clearFaults();
      if (time > 1) this.#server = await startServer(this.#place);
    }
    if (plan.againAfterMs !== undefined) await this.#killTheNext(plan.againAfterMs);
    let arrived = 0;
    for (const one of running) arrived += Number(await this.#hasArrived(one));
    this.#server = await startServer(this.#place);
    await this.#assertReleased(killsIn(plan));
    await this.#repeat(running, arrived);
    await this.#assertNothingLeft(running);
    this.#figures.survived += killsIn(plan);
  }

  async #uploadObjects(): Promise<void> {
    for (const name of this.#sources.files.keys()) {
      const answer = await this.#call('upload_local_file', {
        path: join(this.#sources.folder, name),
        project_id: this.#sandbox.projectId,
      });
      const [itemId = ''] = uploadFacts.parse(answer.facts).item_ids;
      this.#itemOf.set(name, itemId);
    }
    this.#known = new Set((await this.#sandbox.state()).sessions.map(({ id }) => id));
  }

  async #prepare(act: Act): Promise<RunningAct> {
    if (act.kind === 'upload') {
      const paths = act.files.map((name) => join(this.#sources.folder, name));
      const args = { paths, project_id: this.#sandbox.projectId };
      return { act, args, path: '', before: undefined };
    }
    const path = join(this.#folder, `${this.#turn}-${act.object}`);
    const before = act.overwrites ? Buffer.from('what was there before') : undefined;
    if (before !== undefined) await writeFile(path, before);
    const itemId = this.#itemOf.get(act.object) ?? '';
    const args = { item_id: itemId, asset_id: 'data', path, overwrite: act.overwrites };
    return { act, args, path, before };
  }

  async #killIn(plan: KillPlan, running: readonly RunningAct[]): Promise<void> {
    for (const fault of plan.faults) await this.#sandbox.inject(fault);
    const { faults_struck: struckBefore } = await this.#sandbox.state();
    let answered = 0;
    const calls = running.map(({ act, args }) =>
      this.#server.call(TOOLS[act.kind], args).then(
        () => {
          answered += 1;
        },
        // The connection ended with the process.
        () => undefined,
      ),
    );
    const allAnswered = Promise.all(calls);
    await Promise.race([allAnswered, this.#struck(struckBefore + plan.afterStruck)]);
    await sleep(this.#delayOf(plan));
    this.#figures.inFlight += answered < running.length ? 1 : 0;
    await this.#server.kill();
    await allAnswered;
  }

  #delayOf({ delay, acts: [first] }: KillPlan): number {
    return 'ms' in delay ? delay.ms : delay.share * 1.1 * this.#took[first?.kind ?? 'upload'];
  }

  async #struck(times: number): Promise<void> {
    const deadline = Date.now() + 3_000;
    // The number of streams is the engine's choice: there may be fewer requests than were hoped for.
    while (Date.now() < deadline && (await this.#sandbox.state()).faults_struck < times) {
      await sleep(3);
    }
  }

  async #killTheNext(afterMs: number): Promise<void> {
    const { server } = await spawnServer(this.#place);
    await sleep(afterMs);
    await server.kill();
  }

  /** Whether a download is whole at its path; if not, what is there is what was there before. */
  async #hasArrived({ act, path, before }: RunningAct): Promise<boolean> {
    if (act.kind === 'upload') return false;
    const found = await readFile(path).catch(() => undefined);
    const whole = this.#sources.files.get(act.object)?.bytes;
    if (found !== undefined && whole?.equals(found)) return true;
    const untouched = before === undefined ? found === undefined : found?.equals(before);
    if (untouched !== true) this.#figures.partialAtFinalPath += 1;
    expect(untouched, `${path} is whole, or as it was`).toBe(true);
    return false;
  }

  /** Every session that is new has ended: it was completed, or released by what the next server did. */
  async #assertReleased(mostFails: number): Promise<void> {
    const state = await this.#until(async () => {
      const now = await this.#sandbox.state();
      const noted = await this.#noted('uploads');
      return now.open_sessions === 0 && noted.length === 0 ? now : undefined;
    });
    if (state === undefined) {
      const { sessions, open_sessions } = await this.#sandbox.state();
      this.#figures.reservationsLeaked += open_sessions;
      const left = { sessions: sessions.slice(-2), noted: await this.#noted('uploads') };
      const told = this.#server.stderr();
      throw new Error(`not released in time: ${JSON.stringify(left)}; the server: ${told}`);
    }
    expect(state.reserved_bytes).toBe(0);
    for (const { id, status, calls, error_step } of state.sessions) {
      if (this.#known.has(id)) continue;
      const fails = calls['uploads.fail'] ?? 0;
      expect(['completed', 'failed']).toContain(status);
      if (status === 'failed') {
        expect(error_step).toBe('crash');
        expect(fails).toBeGreaterThanOrEqual(1);
      }
      expect(fails, `uploads.fail of a session that is ${status}`).toBeLessThanOrEqual(mostFails);
    }
  }

  async #repeat(running: readonly RunningAct[], arrived: number): Promise<void> {
    const journals = await findJournals(join(this.#stateFolder, 'downloads'));
    const kept = journals.reduce((sum, { state }) => sum + bytesIn(state), 0);
    const { egress_bytes: before } = await this.#quietState();
    let expectedEgress = 0;
    let resumed = 0;
    for (const { act, args, path } of running) {
      const startedAt = Date.now();
      if (act.kind === 'upload') {
        this.#assertStored(act.files, await this.#call(TOOLS.upload, args));
      } else {
        const answer = await this.#call(TOOLS.download, { ...args, overwrite: true });
        const { bytes, resumed_bytes } = downloadFacts.parse(answer.facts);
        await this.#assertEqual(path, act.object);
        expectedEgress += bytes - resumed_bytes;
        resumed += resumed_bytes;
      }
      this.#took[act.kind] = Date.now() - startedAt;
    }
    const fetched = (await this.#quietState()).egress_bytes - before;
    this.#known = new Set((await this.#sandbox.state()).sessions.map(({ id }) => id));
    this.#figures.resumedBytes += resumed;
    this.#figures.fetchedTwiceBytes += resumed > 0 ? Math.max(0, fetched - expectedEgress) : 0;
    // A file that reached its path before the kill is fetched anew, its journal notwithstanding.
    if (arrived === 0) expect(resumed, 'bytes resumed are those noted').toBe(kept);
    expect(fetched).toBeLessThanOrEqual(expectedEgress + IN_FLIGHT_BYTES);
  }

  #assertStored(names: readonly string[], { facts }: ServerAnswer): void {
    const { files } = uploadFacts.parse(facts);
    const stored = new Map(files.map((file) => [file.file_name, file.storage_crc32c]));
    for (const name of names) {
      const right = stored.get(name) === this.#sources.files.get(name)?.crc32c;
      this.#figures.bytesWrong += right ? 0 : 1;
      expect(right, `storage holds ${name}`).toBe(true);
    }
  }

  async #assertEqual(path: string, object: string): Promise<void> {
    const bytes = await readFile(path);
    const right = this.#sources.files.get(object)?.bytes.equals(bytes) === true;
    this.#figures.bytesWrong += right ? 0 : 1;
    expect(right, `${path} is ${object}`).toBe(true);
    await rm(path);
  }

  /** Neither beside the targets nor in the state folder. */
  async #assertNothingLeft(running: readonly RunningAct[]): Promise<void> {
    const left = [
      ...(await readdir(this.#folder)),
      ...(await this.#noted('uploads')),
      ...(await this.#noted('downloads')),
    ];
    this.#figures.leftovers += left.length;
    expect(left, JSON.stringify(running.map(({ act }) => act))).toEqual([]);
    expect((await this.#sandbox.state()).reserved_bytes).toBe(0);
  }

  get #stateFolder(): string {
    return join(this.#place.stateHome, 'geopera-mcp');
  }

  #noted(what: 'uploads' | 'downloads'): Promise<string[]> {
    return readdir(join(this.#stateFolder, what)).catch(() => []);
  }

  async #call(tool: string, args: Readonly<Record<string, unknown>>): Promise<ServerAnswer> {
    const answer = await this.#server.call(tool, args);
    expect(answer.isError, `${answer.text}\n${this.#server.stderr()}`).toBe(false);
    return answer;
  }

  /** The state once nothing is being sent any more to a server that is gone. */
  async #quietState() {
    for (let last = await this.#sandbox.state(); ; ) {
      await sleep(10);
      const now = await this.#sandbox.state();
      if (now.egress_bytes === last.egress_bytes) return now;
      last = now;
    }
  }

  async #until<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
    const deadline = Date.now() + PATIENCE_MS;
    for (let found = await look(); ; found = await look()) {
      if (found !== undefined || Date.now() > deadline) return found;
      await sleep(10);
    }
  }
}

/** Bytes without a pattern in which a swapped or repeated piece could hide. */
export function randomLooking(length: number, name: string): Buffer {
  const block = createHash('sha512').update(name).digest();
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 64) {
    block.writeUInt32LE(at / 64, 0);
    block.copy(bytes, at);
  }
  return bytes;
}
