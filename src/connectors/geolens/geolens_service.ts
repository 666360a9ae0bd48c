import { createHash } from 'node:crypto';
import type { ConnectedService, ServiceWiring } from '../connected_service.ts';
import { type GeolensSecrets, geolensCredentials } from './geolens_credentials.ts';

/** A GeoLens instance, and who this server is to it. */
export interface GeolensSettings extends GeolensSecrets {
  /** Its address, with or without `/api`. */
  readonly instance: string;
}

export type GeolensService = ConnectedService;

/** GeoLens as it is configured. Opens and asks nothing. */
export function geolensService(settings: GeolensSettings, wiring: ServiceWiring): GeolensService {
  const service = 'geolens';
  const baseUrl = apiUrl(settings.instance);
  const { dispatcher } = wiring;
  return {
    access: { service, baseUrl, dispatcher, credentials: geolensCredentials(settings) },
    journal: wiring.journal({ service, baseUrl }, accountOf(settings)),
  };
}

function apiUrl(instance: string): string {
  const address = instance.replace(/\/+$/, '');
  return address.endsWith('/api') ? address : `${address}/api`;
}

/** Keys stay the same, and nothing else tells accounts apart; a token is another every quarter of an hour. */
function accountOf({ apiKey }: GeolensSecrets): string {
  if (apiKey === undefined) return 'token';
  return createHash('sha256').update(apiKey).digest('hex').slice(0, 16);
}
