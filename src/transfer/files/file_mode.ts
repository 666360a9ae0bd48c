let mode: number | undefined;

/**
 * The mode a new file gets from the process's umask. Read once: Node can only read the umask by
 * setting it for a moment.
 */
export function fileModeByUmask(): number {
  mode ??= 0o666 & ~process.umask();
  return mode;
}
