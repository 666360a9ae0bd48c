/** Facts first, words second, as structured loggers have it. */
export interface RecordLog {
  info(facts: Readonly<Record<string, unknown>>, message: string): void;
  warn(facts: Readonly<Record<string, unknown>>, message: string): void;
}
