import type { Call } from './operation_handler.ts';
import { ProblemError } from './problems.ts';
import type { Asset } from './state_model.ts';

/** Seconds that a caller at the egress limit is told to wait: the API's rate window. */
const EGRESS_RETRY_SECONDS = 60;

/** A URL for storage; a fault may ask for one that has expired. */
export function mintUrl(
  { context, expiredUrl }: Call,
  grant: { method: 'GET' | 'PUT'; objectPath: string; contentType?: string },
): { url: string; expiresAt: Date } {
  const { settings, signer, store } = context;
  const age = expiredUrl ? settings.urlLifetimeSeconds + 1 : 0;
  const signedAt = new Date(settings.now().getTime() - age * 1000);
  const lifetimeSeconds = settings.urlLifetimeSeconds;
  const url = signer.sign({ ...grant, bucket: store.state.bucket, signedAt, lifetimeSeconds });
  return { url, expiresAt: new Date(signedAt.getTime() + lifetimeSeconds * 1000) };
}

/**
 * The JSON descriptor of a download. Only `url` is documented; the other members are our reading.
 *
 * @throws ProblemError 429 if fetching it would pass the egress limit
 */
export function downloadDescriptor(call: Call, asset: Asset) {
  requireEgress(call, asset.size_bytes);
  const { url, expiresAt } = mintUrl(call, { method: 'GET', objectPath: asset.object_path });
  return {
    url,
    expires_at: expiresAt.toISOString(),
    file_name: asset.file_name,
    media_type: asset.media_type,
    size_bytes: asset.size_bytes,
  };
}

/** @throws ProblemError 429 if so many more bytes would pass the egress limit */
export function requireEgress({ context }: Call, bytes: number): void {
  if (context.store.state.egress_bytes + bytes <= context.settings.egressBytes) return;
  throw new ProblemError(429, 'Egress limit reached', {
    'Retry-After': String(EGRESS_RETRY_SECONDS),
  });
}
