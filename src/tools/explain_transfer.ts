import type { TransferError, TransferErrorCode } from '../transfer/failures/transfer_error.ts';
import { type Explanation, sentence } from './explanation.ts';

/** What to do about each way in which moving bytes fails. */
const NEXT: Readonly<Record<TransferErrorCode, string>> = {
  source_missing: 'Check the path.',
  source_not_a_file: 'Name a regular file.',
  source_unreadable: 'Ask the user to make the file readable for this server.',
  source_changed:
    'The file changed while it was being sent. Wait until whatever writes it has finished, then call again.',
  source_refused:
    'Check the URL: the file may be gone, or the URL may have run out or need a sign-in. Get a fresh one, or ask the user for it.',
  source_unavailable:
    'Check the host of the URL. If it is right, its server is in trouble: call again in a few minutes.',
  source_size_unknown:
    'Storage is reserved by size, so only a URL that states one can be uploaded from. Name another URL of the same file.',
  source_encoded: 'Name a URL that sends the file as it is, without compressing it on the way.',
  source_too_large:
    'Tell the user: the operator of this server sets the limit (--fetch-max-bytes). Another way to upload is to send the file from where it is.',
  source_too_slow:
    'A source must bring 64 KiB a second, and all within the time that the operator of this server sets (--fetch-max-seconds). Try one that is faster, or tell the user.',
  address_refused:
    'Check the host name, and name a public https URL. If it is right, the user may ask the operator of this server to allow it (--fetch-host, --fetch-allow-net, --fetch-allow-http).',
  url_expired:
    'The signed URL kept expiring. Call again; if it stays so, tell the user that the clock of the machine of this server may be wrong.',
  storage_refused:
    'Storage refused the request, so repeating it unchanged will not help. Tell the user what it said.',
  storage_unavailable: 'Storage is in trouble. Call again in a few minutes.',
  connection_lost: 'The connection kept breaking. Check the network, then call again.',
  stalled: 'No byte moved for too long. Check the network, then call again.',
  checksum_mismatch:
    'The bytes that arrived are not the bytes that were sent, twice over. Tell the user; do not use the file.',
  length_mismatch: 'The transfer ended at the wrong length. Call again.',
  unexpected_encoding:
    'Storage sent the file compressed in transit, so it cannot be saved as it is. Tell the user.',
  no_space: 'Ask the user to free disk space or name a path on another disk.',
  target_exists: 'Name another path, or pass overwrite: true if the user agrees to replace it.',
  target_unwritable: 'Name a path in a folder that exists and is writable.',
  object_changed:
    'The file in storage was replaced while it was being downloaded, twice over. Wait until whatever writes it has finished, then call again.',
  redirect_refused: 'The request was redirected somewhere that is not followed. Tell the user.',
};

/** For a download that broke off and can go on. */
export const KEPT =
  ' What came so far is kept: the same call with the same path goes on from there.';

/** Words for a transfer that failed. */
export function explainTransfer(error: TransferError): Explanation {
  return {
    code: error.code,
    what: `The transfer failed: ${sentence(error.message)}${error.resumable ? KEPT : ''}`,
    next: NEXT[error.code],
    retryable: error.retryable,
  };
}
