import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { JobReport } from '../jobs/transfer_job.ts';
import type { TransferObserver } from '../jobs/transfer_observer.ts';
import type { ReservationMeter } from './metered_sessions.ts';

export interface ServerMetricsOptions {
  /** The names that a call is counted under; all others are counted as one. */
  readonly tools: Iterable<string>;
  /** The same for the paths of requests. */
  readonly routes: Iterable<string>;
  /** How many sessions are open, asked for whenever figures are. */
  readonly openSessions: () => number;
}

/** Figures of one server, in the text form of Prometheus. */
export interface ServerMetrics {
  readonly transfers: Required<TransferObserver>;
  readonly reservations: ReservationMeter;
  /**
   * Counts a call as running until the answered function is called.
   *
   * @returns to be called once, with `ok` or the error's code
   */
  callStarted(tool: string): (outcome: string) => void;
  requestAnswered(route: string, status: number): void;
  /** @param reason name of the refusal */
  requestRefused(reason: string): void;
  readonly contentType: string;
  text(): Promise<string>;
}

/** From an answer out of memory to a call that waits for a transfer. */
const CALL_SECONDS = [0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900];

/** Stands for every name that is not ours: labels must not grow with what others send. */
const OTHER = 'other';
const OUTCOME = /^[a-z0-9_]{1,40}$/;

export function createServerMetrics(options: ServerMetricsOptions): ServerMetrics {
  const tools = new Set(options.tools);
  const routes = new Set(options.routes);
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const calls = new Counter({
    name: 'geopera_mcp_calls_total',
    help: 'Tool calls that ended, by how: ok, or the code of the error',
    labelNames: ['tool', 'outcome'],
    registers,
  });
  const callSeconds = new Histogram({
    name: 'geopera_mcp_call_seconds',
    help: 'How long tool calls took',
    labelNames: ['tool'],
    buckets: CALL_SECONDS,
    registers,
  });
  const callsRunning = new Gauge({
    name: 'geopera_mcp_calls_running',
    help: 'Tool calls that are under way',
    registers,
  });
  const requests = new Counter({
    name: 'geopera_mcp_http_requests_total',
    help: 'HTTP requests that were answered',
    labelNames: ['route', 'status'],
    registers,
  });
  const refused = new Counter({
    name: 'geopera_mcp_http_refused_total',
    help: 'HTTP requests that were refused before the protocol, by reason',
    labelNames: ['reason'],
    registers,
  });
  const transfersRunning = new Gauge({
    name: 'geopera_mcp_transfers_running',
    help: 'Transfers that are under way',
    labelNames: ['kind'],
    registers,
  });
  const transfers = new Counter({
    name: 'geopera_mcp_transfers_total',
    help: 'Transfers that ended, by how',
    labelNames: ['kind', 'state'],
    registers,
  });
  const bytes = new Counter({
    name: 'geopera_mcp_transfer_bytes_total',
    help: 'Bytes that transfers moved: in by downloads, out by uploads',
    labelNames: ['direction'],
    registers,
  });
  const reservations = new Gauge({
    name: 'geopera_mcp_reservations_open',
    help: 'Upload sessions of this process that hold a reservation',
    registers,
  });
  const reservationsLeft = new Counter({
    name: 'geopera_mcp_reservations_left_total',
    help: 'Upload sessions that ended here and may still hold their reservation',
    registers,
  });
  new Gauge({
    name: 'geopera_mcp_sessions_open',
    help: 'Sessions of clients',
    registers,
    collect() {
      this.set(options.openSessions());
    },
  });

  return {
    transfers: {
      started: (kind) => transfersRunning.inc({ kind }),
      moved: (kind, moved) => bytes.inc({ direction: DIRECTIONS[kind] }, moved),
      ended(kind, state) {
        transfersRunning.dec({ kind });
        transfers.inc({ kind, state });
      },
    },
    reservations: {
      opened: () => reservations.inc(),
      closed: () => reservations.dec(),
      left() {
        reservations.dec();
        reservationsLeft.inc();
      },
    },
    callStarted(name) {
      const tool = tools.has(name) ? name : OTHER;
      callsRunning.inc();
      const stop = callSeconds.startTimer({ tool });
      return (outcome) => {
        callsRunning.dec();
        stop();
        calls.inc({ tool, outcome: OUTCOME.test(outcome) ? outcome : OTHER });
      };
    },
    requestAnswered(path, status) {
      requests.inc({ route: routes.has(path) ? path : OTHER, status });
    },
    requestRefused: (reason) => refused.inc({ reason }),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}

const DIRECTIONS: Readonly<Record<JobReport['kind'], 'in' | 'out'>> = {
  upload: 'out',
  download: 'in',
};
