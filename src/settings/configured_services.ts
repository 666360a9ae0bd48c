import type { Config } from '../config.ts';

/** Settings by which a service is there, and what some of them mean without the others. */
const HALVES: readonly {
  readonly is: (config: Config) => boolean;
  readonly words: string;
}[] = [
  {
    is: (config) =>
      !hasOpteryx(config) && (config.opteryxClientId ?? config.opteryxClientSecret) !== undefined,
    words: 'no tools for Opteryx: OPTERYX_CLIENT_ID and OPTERYX_CLIENT_SECRET belong together',
  },
  {
    is: (config) =>
      !hasGeolens(config) &&
      [config.geolensInstance, config.geolensApiKey, config.geolensToken].some(
        (it) => it !== undefined,
      ),
    words:
      'no tools for GeoLens: they need GEOLENS_INSTANCE and one of GEOLENS_API_KEY, GEOLENS_TOKEN',
  },
];

export function hasOpteryx({
  opteryxClientId,
  opteryxClientSecret,
  opteryxToken,
}: Config): boolean {
  return (
    (opteryxClientId !== undefined && opteryxClientSecret !== undefined) ||
    opteryxToken !== undefined
  );
}

export function hasGeolens({ geolensInstance, geolensApiKey, geolensToken }: Config): boolean {
  return geolensInstance !== undefined && (geolensApiKey ?? geolensToken) !== undefined;
}

/** What is wrong with how services are configured, in words. */
export function halfConfigured(config: Config): readonly string[] {
  return HALVES.filter(({ is }) => is(config)).map(({ words }) => words);
}
