import type { Logger } from 'pino';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

type Facts = Readonly<Record<string, unknown>>;

/** Structured lines on stderr; stdout belongs to the protocol. */
export type Log = Readonly<Record<LogLevel, (facts: Facts, message: string) => void>> & {
  /** Resolves once every line given so far is on stderr. */
  flushed(): Promise<void>;
};

/** The logger is loaded at the first line that is written: most runs write none. */
export function createLog(level: LogLevel): Log {
  let logger: Promise<Logger> | undefined;
  const writer = (at: LogLevel) => (facts: Facts, message: string) => {
    if (LOG_LEVELS.indexOf(at) < LOG_LEVELS.indexOf(level)) return;
    logger ??= loadLogger(level);
    void logger.then((loaded) => loaded[at](facts, message));
  };
  return {
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
    flushed: async () => {
      await logger;
    },
  };
}

/** The same log, with facts that stand in every line. */
export function logWith(log: Log, known: Facts): Log {
  const writer = (at: LogLevel) => (facts: Facts, message: string) =>
    log[at]({ ...known, ...facts }, message);
  return {
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
    flushed: log.flushed,
  };
}

async function loadLogger(level: LogLevel): Promise<Logger> {
  const { default: pino } = await import('pino');
  return pino({ name: 'geopera-mcp', level }, pino.destination({ fd: 2, sync: true }));
}
