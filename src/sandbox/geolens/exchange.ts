import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from '../delivery.ts';
import type { GeolensFaultAction } from './geolens_faults.ts';
import type { GeolensWorld } from './geolens_world.ts';

/** A request of a caller who may send it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: string;
  /** From the path; empty where it names none. */
  readonly jobId: string;
  readonly query: URLSearchParams;
  readonly fault: GeolensFaultAction | undefined;
}

/** What an endpoint does. It throws what is no success. */
export type Act = (world: GeolensWorld, exchange: Exchange) => Promise<Answer>;
