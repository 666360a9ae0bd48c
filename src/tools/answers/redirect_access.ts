import type { FileAnswer } from '../../geopera/answers.ts';
import { createTransferEngine, type TransferEngine } from '../../transfer/engine.ts';
import { TransferError } from '../../transfer/failures/transfer_error.ts';
import { createConnectionGate } from '../../transfer/http/connection_gate.ts';
import { isLoopback } from '../../transfer/urls/transfer_url.ts';

/** An answer of the API that leads elsewhere. */
export type RedirectAnswer = Extract<FileAnswer, { kind: 'redirect' }>;

const LOOPBACK = ['127.0.0.0/8', '::1/128'];

/** The world in which the target of a redirect is fetched. */
export interface RedirectAccess {
  readonly engine: TransferEngine;
  /** @throws TransferError `address_refused` for a URL that is not fetched */
  assertUrl(url: URL): void;
}

/**
 * Does work in a world whose connections lead to public addresses alone, over https: the target may come
 * from the catalogue of a third party. An API on this machine may lead to this machine.
 */
export async function withRedirectAccess<T>(
  { from }: RedirectAnswer,
  work: (access: RedirectAccess) => Promise<T>,
): Promise<T> {
  const isLocal = isLoopback(new URL(from));
  const gate = createConnectionGate({
    hosts: [],
    networks: isLocal ? LOOPBACK : [],
    allowHttp: isLocal,
  });
  const engine = createTransferEngine({ gate });
  try {
    return await work({
      engine,
      assertUrl(url) {
        gate.assertUrl(url);
        if (url.protocol === 'https:' || isLoopback(url)) return;
        throw new TransferError({ code: 'address_refused', message: 'only https is fetched.' });
      },
    });
  } finally {
    await engine.close();
  }
}
