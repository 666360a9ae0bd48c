import { TransferError } from '../failures/transfer_error.ts';

/** Whether plain http to this host stays on the machine. */
export function isLoopback(url: URL): boolean {
  return /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
}

/**
 * Parses a URL that bytes may go to or come from: http or https, without a user name in it.
 *
 * @throws TransferError `storage_refused`
 */
export function parseTransferUrl(text: string): URL {
  if (!URL.canParse(text)) {
    throw new TransferError({ code: 'storage_refused', message: 'the signed URL is not a URL.' });
  }
  const url = new URL(text);
  if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new TransferError({
      code: 'storage_refused',
      message: 'the signed URL is not a plain http or https URL.',
    });
  }
  return url;
}
