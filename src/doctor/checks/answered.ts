import type { OpenapiAnswer } from '../../geopera/openapi_document.ts';
import type { Patient } from '../patient.ts';

/** What answered at the address; undefined if nothing did, of which the check of the address tells. */
export async function answered(
  patient: Patient,
  signal: AbortSignal,
): Promise<OpenapiAnswer | undefined> {
  try {
    return await patient.openapi(signal);
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}
