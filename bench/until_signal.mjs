/**
 * Runs a bench with a signal that aborts when this process is to end, so that what it started is ended too.
 *
 * @param {(signal: AbortSignal) => Promise<void>} main
 */
export async function untilSignal(main) {
  const stopped = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(name, () => stopped.abort(new Error(`stopped by ${name}`)));
  }
  try {
    await main(stopped.signal);
  } catch (error) {
    console.error(stopped.signal.aborted ? stopped.signal.reason.message : error);
    process.exitCode = 1;
  }
}
