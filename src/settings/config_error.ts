/** What is wrong with the command line or the environment, in words for the user. */
export class ConfigError extends Error {}
