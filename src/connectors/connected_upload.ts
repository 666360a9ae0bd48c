import type { Act } from '../transfer/act.ts';
import { eachInParallel } from '../transfer/each_in_parallel.ts';
import type { Connector, ConnectorStep } from './connector.ts';
import { SessionTakenOver } from './session_taken_over.ts';

/**
 * Carries an upload out: start, plan and send, inspect, finish, await. From the moment it is started, every
 * way out but success leads through the connector's `abandon`, whose error is thrown.
 */
export async function connectedUpload<Session, Unit, Sent, Outcome>(
  connector: Connector<Session, Unit, Sent, Outcome>,
  act: Act,
): Promise<Outcome> {
  const { signal } = act;
  const session = await connector.start(signal);
  let step: ConnectorStep = 'send';
  let outcome: Outcome;
  try {
    signal.throwIfAborted();
    const sent = await sendAll(connector, session, act);
    step = 'inspect';
    act.onProgress({ ...whole(connector), message: `Completing the upload of ${connector.what}` });
    await connector.inspect?.(session, sent, signal);
    await assertOurs(act);
    step = 'finish';
    outcome = await connector.finish(session, sent, signal);
  } catch (cause) {
    throw await connector.abandon(session, { step, cause });
  }
  return connector.await === undefined ? outcome : connector.await(session, outcome, act);
}

function sendAll<Session, Unit, Sent, Outcome>(
  connector: Connector<Session, Unit, Sent, Outcome>,
  session: Session,
  act: Act,
): Promise<Sent[]> {
  const { totalBytes: total, what } = connector;
  const byUnit = new Map<number, number>();
  let done = 0;
  const sentOf = (index: number, bytes: number) => {
    done += Math.max(0, bytes - (byUnit.get(index) ?? 0));
    byUnit.set(index, Math.max(bytes, byUnit.get(index) ?? 0));
    act.onProgress({ done, total, message: `Uploading ${what}` });
    connector.report?.(session, done);
  };
  const units = connector.plan(session, act.signal);
  return eachInParallel(units, connector.unitsAtOnce, act.signal, (unit, index, signal) =>
    connector.send(session, unit, { index, signal, onSent: (bytes) => sentOf(index, bytes) }),
  );
}

function whole({ totalBytes }: { readonly totalBytes: number }) {
  return { done: totalBytes, total: totalBytes };
}

/** Whoever was told that this upload is lost may have sent the files again: they must not arrive twice. */
async function assertOurs({ signal, mayFinish }: Act): Promise<void> {
  const ours = await (mayFinish?.() ?? true);
  signal.throwIfAborted();
  if (!ours) throw new SessionTakenOver();
}
