import { describe, expect, it } from 'vitest';
import { GeoperaError, type GeoperaErrorFacts } from '../../../src/geopera/geopera_error.ts';
import {
  createTransferMethods,
  type TransferMethod,
} from '../../../src/workflows/transfer_method.ts';

function refusal(facts: Partial<GeoperaErrorFacts> = {}): GeoperaError {
  return new GeoperaError({
    kind: 'invalid_input',
    operationId: 'uploads.initiate',
    detail: 'refused',
    status: 422,
    ...facts,
  });
}

const byField = refusal({ fields: [{ field: 'transfer_method', message: 'pattern' }] });
const byWords = refusal({ detail: "transfer_method 'signed_url' is not allowed" });

/** Throws what it is given for a method, answers the method for the others; keeps what was tried. */
function api(refused: Partial<Record<TransferMethod, unknown>>) {
  const tried: TransferMethod[] = [];
  const initiate = async (method: TransferMethod) => {
    tried.push(method);
    if (refused[method] !== undefined) throw refused[method];
    return method;
  };
  return { initiate, tried };
}

describe('the transfer method of an upload session', () => {
  it('is the configured one as long as the API takes it', async () => {
    const { initiate, tried } = api({});
    const methods = createTransferMethods('signed_url');
    expect(await methods.negotiate(initiate)).toBe('signed_url');
    expect(await methods.negotiate(initiate)).toBe('signed_url');
    expect(tried).toEqual(['signed_url', 'signed_url']);
  });

  it.each([
    ['field', byField],
    ['words', byWords],
  ])('is cli after a 422 that names it by its %s, which is remembered', async (_, refused) => {
    const { initiate, tried } = api({ signed_url: refused });
    const methods = createTransferMethods('signed_url');
    expect(await methods.negotiate(initiate)).toBe('cli');
    expect(await methods.negotiate(initiate)).toBe('cli');
    expect(tried).toEqual(['signed_url', 'cli', 'cli']);
  });

  it.each<[string, unknown]>([
    ['a 422 about another field', refusal({ fields: [{ field: 'total_bytes', message: 'no' }] })],
    ['a 422 without a word', refusal()],
    ['a 400 that names it', refusal({ status: 400, detail: byWords.detail })],
    ['a 402', refusal({ kind: 'payment_required', status: 402 })],
    ['an error of another kind', new Error('transfer_method')],
  ])('is not changed by %s', async (_, failure) => {
    const { initiate, tried } = api({ signed_url: failure });
    const methods = createTransferMethods('signed_url');
    await expect(methods.negotiate(initiate)).rejects.toBe(failure);
    expect(tried).toEqual(['signed_url']);
  });

  it('throws the failure of cli, and asks the configured one first the next time', async () => {
    const quota = refusal({ kind: 'payment_required', status: 402 });
    const { initiate, tried } = api({ signed_url: byField, cli: quota });
    const methods = createTransferMethods('signed_url');
    await expect(methods.negotiate(initiate)).rejects.toBe(quota);
    await expect(methods.negotiate(initiate)).rejects.toBe(quota);
    expect(tried).toEqual(['signed_url', 'cli', 'signed_url', 'cli']);
  });

  it('is not tried twice where cli itself is configured and refused', async () => {
    const { initiate, tried } = api({ cli: byField });
    await expect(createTransferMethods('cli').negotiate(initiate)).rejects.toBe(byField);
    expect(tried).toEqual(['cli']);
  });
});
