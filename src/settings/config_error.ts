/** What is wrong with the command line or the environment, in words for the user. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** By its name: what is loaded on demand is another bundle, with a class of its own. */
export function isConfigError(error: unknown): error is ConfigError {
  return error instanceof Error && error.name === 'ConfigError';
}
