/** What asks a command to end: Ctrl-C, a service manager, a terminal that closes. */
export const END_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
