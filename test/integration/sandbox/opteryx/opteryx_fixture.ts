import { afterEach, expect } from 'vitest';
import { z } from 'zod';
import {
  type OpteryxEmulator,
  type OpteryxEmulatorOptions,
  startOpteryxEmulator,
} from '../../../../src/sandbox/opteryx/opteryx_emulator.ts';

export const TABLE = 'acme.security.findings';
export const TARGET = { workspace: 'acme', collection: 'security', dataset: 'findings' };

export interface Answered {
  readonly status: number;
  readonly body: unknown;
}

interface Call {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | FormData;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly token?: string | null;
}

export interface Opteryx {
  readonly emulator: OpteryxEmulator;
  /** Moves the emulator's clock. */
  wait(seconds: number): void;
  token(): Promise<string>;
  /** A call by a good token, unless another or none is named. */
  call(method: string, path: string, call?: Call): Promise<Answered>;
  /** The id of a session that was begun for the target. */
  session(): Promise<string>;
  put(
    session: string,
    part: number | string,
    body: string | Uint8Array,
    headers?: Record<string, string>,
  ): Promise<Answered>;
  commit(session: string, more?: object): Promise<Answered>;
}

const open: OpteryxEmulator[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((emulator) => emulator.close()));
});

export async function opteryxFor(options: OpteryxEmulatorOptions = {}): Promise<Opteryx> {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const emulator = await startOpteryxEmulator({ now: () => new Date(now), ...options });
  open.push(emulator);
  const opteryx: Opteryx = {
    emulator,
    wait: (seconds) => {
      now += seconds * 1000;
    },
    token: async () => {
      const { body } = await exchanged(emulator, credentials(emulator));
      return z.object({ access_token: z.string() }).parse(body).access_token;
    },
    call: async (method, path, { headers = {}, body, json, token } = {}) => {
      const bearer = token === undefined ? await opteryx.token() : token;
      const response = await fetch(emulator.uploadUrl + path, {
        method,
        headers: {
          ...(bearer === null ? {} : { Authorization: `Bearer ${bearer}` }),
          ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...headers,
        },
        body: json === undefined ? (body ?? null) : JSON.stringify(json),
      });
      return answered(response);
    },
    session: async () => {
      const { body } = await opteryx.call('POST', '/v1/upload/session', {
        json: { target: TARGET },
      });
      return z.object({ session_id: z.string() }).parse(body).session_id;
    },
    put: (session, part, body, headers = { 'x-file-name': 'rows.csv' }) =>
      opteryx.call('PUT', `/v1/upload/${session}?part=${part}`, { body, headers }),
    commit: (session, more = {}) =>
      opteryx.call('POST', `/v1/upload/${session}/commit`, { json: { target: TARGET, ...more } }),
  };
  return opteryx;
}

export function credentials({ clientId, clientSecret }: OpteryxEmulator): Record<string, string> {
  return { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
}

/** What the token service answers to a form. */
export async function exchanged(
  { authUrl }: OpteryxEmulator,
  form: Readonly<Record<string, string>>,
  path = '/token',
): Promise<Answered> {
  return answered(await fetch(authUrl + path, { method: 'POST', body: new URLSearchParams(form) }));
}

export async function answered(response: Response): Promise<Answered> {
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

/** FastAPI's list, of which the places and kinds are compared. */
export function listed(...problems: { loc: (string | number)[]; type?: string }[]) {
  return { detail: problems.map((problem) => expect.objectContaining(problem)) };
}

/**
 * A file in the frame of parquet, with a footer that says nothing.
 *
 * @param footerBytes how long it says its footer is
 */
export function parquetLike(footerBytes = 14): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footerBytes);
  const rest = Buffer.from('PAR1, and then no data and no thrift');
  return Buffer.concat([rest, length, Buffer.from('PAR1')]);
}

export interface Sample {
  readonly name: string;
  readonly body: string | Uint8Array;
}

/** The form that a contract is negotiated with. */
export function negotiation(contract: object, ...samples: Sample[]): FormData {
  const form = new FormData();
  form.append('contract', new Blob([JSON.stringify(contract)], { type: 'application/json' }));
  for (const { name, body } of samples) form.append('sample', new Blob([Buffer.from(body)]), name);
  return form;
}
