import { createHash } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isRunning, ownIdentity, type ProcessIdentity } from '../files/process_identity.ts';

/**
 * How often a record is touched while its process lives, and how long a record may stay
 * untouched before a process that cannot be looked at counts as gone. Two hosts may share a home
 * folder, and systems other than Linux do not tell a process from a later one with its id.
 */
export const TOUCH_EVERY_MS = 60_000;
const SILENCE_MS = 15 * TOUCH_EVERY_MS;

/** The process that has in hand what a record tells of. */
export interface RecordOwner extends ProcessIdentity {
  /** Digest of the host's name, and of where its process ids count: containers may share a name. */
  readonly host: string;
  /** Digest of what the system calls this run of it since it was switched on; '' where unknown. */
  readonly boot: string;
}

/** `running` here, `elsewhere` on another host, or `gone`. */
export type OwnerLife = 'running' | 'elsewhere' | 'gone';

/** How an owner is written in a file's name. */
const OWNER_IN_NAME = /^(\d{1,10})-(\d{0,20})-([0-9a-f]{8})-([0-9a-f]{8})?$/;

export async function ownRecordOwner(namespace = pidNamespace): Promise<RecordOwner> {
  const boot = await bootId();
  return {
    ...(await ownIdentity()),
    host: shortDigest(`${hostname()} ${await namespace()}`),
    boot: boot === undefined ? '' : shortDigest(boot),
  };
}

export function ownerInName({ pid, started, host, boot }: RecordOwner): string {
  return [pid, started ?? '', host, boot].join('-');
}

/** @returns undefined for `left` or any other text: it is in nobody's hand */
export function readOwner(text: string): RecordOwner | undefined {
  const [, pid, started, host, boot] = OWNER_IN_NAME.exec(text) ?? [];
  if (pid === undefined || host === undefined) return undefined;
  return { pid: Number(pid), ...(started ? { started } : {}), host, boot: boot ?? '' };
}

/**
 * Whether the owner still has it in hand.
 *
 * @param silentMs how long its record was not touched
 */
export async function lifeOf(
  owner: RecordOwner | undefined,
  me: RecordOwner,
  silentMs: number,
): Promise<OwnerLife> {
  if (owner === undefined) return 'gone';
  const silent = silentMs > SILENCE_MS;
  if (owner.host !== me.host) return silent ? 'gone' : 'elsewhere';
  if (owner.boot !== me.boot || !(await isRunning(owner))) return 'gone';
  // Where no start is told, another process may have its id by now.
  return owner.started === undefined && silent ? 'gone' : 'running';
}

function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

/** A process of another namespace cannot be looked at, no more than one of another host. */
async function pidNamespace(): Promise<string> {
  if (process.platform !== 'linux') return '';
  return readlink('/proc/self/ns/pid').catch(() => '');
}

async function bootId(): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  // Without it a restart of the machine shows in the start of the process alone.
  return readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => undefined);
}
