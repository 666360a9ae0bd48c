import { randomBytes } from 'node:crypto';
import { FaultQueue } from '../fault_queue.ts';
import { BearerTokens } from './bearer_tokens.ts';
import {
  type OpteryxEndpoint,
  type OpteryxFaultAction,
  opteryxFaultSchema,
} from './opteryx_faults.ts';
import type { OpteryxSettings } from './opteryx_options.ts';
import type { Contract, Dataset, Session } from './records.ts';

/** All that one emulator knows; gone with it. */
export interface World {
  readonly settings: OpteryxSettings;
  /** Base URL of the upload service. */
  readonly uploadUrl: string;
  readonly faults: FaultQueue<OpteryxFaultAction>;
  readonly tokens: BearerTokens;
  readonly sessions: Map<string, Session>;
  readonly contracts: Map<string, Contract>;
  readonly datasets: Map<string, Dataset>;
  readonly calls: Record<OpteryxEndpoint, number>;
}

export function newWorld(settings: OpteryxSettings, uploadUrl: string): World {
  const datasets = settings.datasets.map(({ table, columns, rows }): [string, Dataset] => [
    table,
    { table, columns: new Map(Object.entries(columns)), rows, files: [], snapshots: [] },
  ]);
  return {
    settings,
    uploadUrl,
    faults: new FaultQueue(opteryxFaultSchema),
    tokens: new BearerTokens(settings),
    sessions: new Map(),
    contracts: new Map(),
    datasets: new Map(datasets),
    calls: noCalls(),
  };
}

function noCalls(): Record<OpteryxEndpoint, number> {
  return {
    token: 0,
    health: 0,
    start_session: 0,
    upload_part: 0,
    delete_part: 0,
    inspect: 0,
    commit: 0,
    'v2.negotiate': 0,
    'v2.get': 0,
    'v2.amend': 0,
    'v2.accept': 0,
    'v2.data': 0,
    'v2.commit': 0,
    'v2.abandon': 0,
  };
}

/** Digits of the time and something random, as ids of both generations look. */
export function stampedId({ settings }: World, separator: string): string {
  const stamp = settings.now().toISOString().replace(/\D/g, '').slice(0, 14);
  return `${stamp}${separator}${randomBytes(6).toString('hex')}`;
}

/** When something that begins now is over. */
export function expiry({ settings }: World): Date {
  return new Date(settings.now().getTime() + settings.sessionSeconds * 1000);
}

export function isOver({ settings }: World, { expiresAt }: { expiresAt: Date }): boolean {
  return settings.now() >= expiresAt;
}
