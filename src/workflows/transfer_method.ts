import { GeoperaError } from '../geopera/geopera_error.ts';
import type { TRANSFER_METHODS } from '../operations/uploads.ts';

export type TransferMethod = (typeof TRANSFER_METHODS)[number];

/** What the published OpenAPI allows where the guides' `signed_url` is refused. */
const FALLBACK: TransferMethod = 'cli';

/** Which `transfer_method` the API takes, learned at the first refusal and kept for the process. */
export interface TransferMethods {
  /** Calls `initiate` with the method in use; after a 422 that names the field, once with `cli`. */
  negotiate<T>(initiate: (method: TransferMethod) => Promise<T>): Promise<T>;
}

export function createTransferMethods(configured: TransferMethod): TransferMethods {
  let current = configured;
  return {
    async negotiate(initiate) {
      const tried = current;
      try {
        return await initiate(tried);
      } catch (failure) {
        if (tried === FALLBACK || !refusesTransferMethod(failure)) throw failure;
        const answer = await initiate(FALLBACK);
        current = FALLBACK;
        return answer;
      }
    },
  };
}

function refusesTransferMethod(failure: unknown): boolean {
  return (
    failure instanceof GeoperaError &&
    failure.status === 422 &&
    (failure.fields.some(({ field }) => field === 'transfer_method') ||
      failure.detail.includes('transfer_method'))
  );
}
