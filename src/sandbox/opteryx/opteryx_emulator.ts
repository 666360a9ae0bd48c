import { listen } from '../http_server.ts';
import type { OpteryxFault } from './opteryx_faults.ts';
import { type OpteryxEmulatorOptions, settingsOf } from './opteryx_options.ts';
import { rowsIn } from './records.ts';
import { AUTH_PATH } from './routes.ts';
import { serveCall } from './serve_call.ts';
import { type OpteryxState, reportState } from './state_report.ts';
import type { Row } from './tables/cells.ts';
import { newWorld } from './world.ts';

export type { OpteryxFault } from './opteryx_faults.ts';
export type { OpteryxEmulatorOptions } from './opteryx_options.ts';
export type { OpteryxState } from './state_report.ts';

/** A running Opteryx upload service with its token service, on loopback. It keeps nothing on disk. */
export interface OpteryxEmulator {
  /** What `OPTERYX_UPLOAD_URL` is set to. */
  readonly uploadUrl: string;
  /** What `OPTERYX_AUTH_URL` is set to: tokens are had at `/token` below it, or `/v1/token`. */
  readonly authUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** @throws ZodError if the fault is not one */
  inject(fault: OpteryxFault): void;
  /** Forgets the faults that still wait. */
  clearFaults(): void;
  readonly state: () => OpteryxState;
  /**
   * Committed rows of a dataset, in order, as they arrived: text of a CSV stays text. Empty if
   * nothing was committed to it.
   *
   * @throws Error if some were parquet, or came in a file too large to keep (8 MiB); the state's
   * digest covers those of the latter kind
   */
  readonly rowsOf: (table: string) => readonly Row[];
  /** Ends open connections. */
  close(): Promise<void>;
}

/** @throws PortError if the port cannot be had */
export async function startOpteryxEmulator(
  options: OpteryxEmulatorOptions = {},
): Promise<OpteryxEmulator> {
  const settings = settingsOf(options);
  const server = await listen(settings.port);
  const world = newWorld(settings, server.origin);
  server.serve((request, response) => serveCall(world, request, response));
  return {
    uploadUrl: server.origin,
    authUrl: `${server.origin}${AUTH_PATH}`,
    clientId: world.tokens.clientId,
    clientSecret: world.tokens.clientSecret,
    inject: (fault) => world.faults.inject(fault),
    clearFaults: () => world.faults.clear(),
    state: () => reportState(world),
    rowsOf: (table) => rowsIn(world.datasets.get(table)?.files ?? []),
    close: () => server.close(),
  };
}
