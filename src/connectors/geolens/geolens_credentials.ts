import { ServiceError } from '../http/service_error.ts';
import type { Credentials } from '../http/service_request.ts';

/** Who this server is to a GeoLens instance. */
export interface GeolensSecrets {
  /** Goes before the token, which ends after a quarter of an hour. */
  readonly apiKey?: string | undefined;
  readonly token?: string | undefined;
}

/** An API key or a token; neither can be renewed here. */
export function geolensCredentials({ apiKey, token }: GeolensSecrets): Credentials {
  return {
    async headers(): Promise<Readonly<Record<string, string>>> {
      if (apiKey !== undefined) return { 'x-api-key': apiKey };
      if (token !== undefined) return { authorization: `Bearer ${token}` };
      throw new ServiceError({
        service: 'geolens',
        call: 'geolens.sign_in',
        kind: 'no_credentials',
        detail: 'there is neither GEOLENS_API_KEY nor GEOLENS_TOKEN',
      });
    },
    refused: () => false,
  };
}
