import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { GeoperaError } from '../../../../src/geopera/geopera_error.ts';
import { catalogue, operationById } from '../../../../src/operations/catalogue.ts';
import { clip } from '../../../../src/operations/clip.ts';
import type { Operation } from '../../../../src/operations/operation.ts';
import { orders } from '../../../../src/operations/orders.ts';
import { estimateInWords } from '../../../../src/tools/consent/estimate.ts';
import { exampleInput } from '../../../../src/tools/operations/example_input.ts';
import { workflowWorld } from '../../workflows/workflow_world.ts';
import { toolCall } from '../tool_calls.ts';

const input = exampleInput(orders.archivePlace.input);

/** @param answer of the API to the estimate */
async function estimated(
  answer: () => Promise<unknown>,
  operation: Operation = orders.archivePlace,
  given: Readonly<Record<string, unknown>> = input,
) {
  const world = workflowWorld({ call: answer });
  const words = await estimateInWords(operation, given, toolCall(world));
  return { words, calls: world.geopera.calls };
}

describe('an estimate', () => {
  it('is asked for with what the spend has in common with it', async () => {
    const { words, calls } = await estimated(
      async () => ({ total_credits: 500, total_aud: 5 }),
      orders.archivePlace,
      { ...input, project_id: 'p' },
    );
    expect(calls).toEqual([
      { id: 'orders.archive.estimate', input: { captures: input['captures'], splitByDate: false } },
    ]);
    expect(words).toBe('Estimate by orders.archive.estimate: {"total_aud":5,"total_credits":500}');
  });

  it('shows its totals, however much it says before them', async () => {
    const groups = Array.from({ length: 200 }, (_, n) => ({ host_name: 'maker', capture: n }));
    const answer = { groups, errors: [], summary: { totalAud: 5 }, total_credits: 500 };
    const { words } = await estimated(async () => answer);
    expect(words).toContain('"total_credits":500');
    expect(words).toContain('"summary":{"totalAud":5}');
    expect(words?.length).toBeLessThan(1_200);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'a\nb\u202ec'],
    ['a list', [{ credits: 1 }, { credits: 2 }]],
  ])('is one line where the API answers %s', async (_, answer) => {
    const { words } = await estimated(async () => answer);
    expect(words).toMatch(/^Estimate by orders\.archive\.estimate: [^\n\u202e]+$/);
  });

  it('that fails says so, for the user to decide without it', async () => {
    const detail = 'closed\nfor today';
    const failure = new GeoperaError({ kind: 'unavailable', operationId: 'x', detail });
    const { words } = await estimated(() => Promise.reject(failure));
    expect(words).toMatch(/^There is no estimate: .*closed for today[^\n]*$/s);
    expect(words?.split('\n')).toHaveLength(1);
  });

  it('that does not fit its model is not asked for', async () => {
    const { words, calls } = await estimated(async () => ({}), orders.archivePlace, {
      captures: 1,
    });
    expect(calls).toEqual([]);
    expect(words).toMatch(/^There is no estimate: /);
  });

  it('that takes long is not waited for, as a person waits for the question', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const world = workflowWorld({
      call: (_id, _input, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    });
    const asked = estimateInWords(orders.archivePlace, input, toolCall(world));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await asked).toMatch(/^There is no estimate: .* 10 seconds/);
  });

  it('ends with the call', async () => {
    const cancel = new AbortController();
    const world = workflowWorld({
      call: async () => {
        cancel.abort(new Error('cancelled'));
        throw new Error('aborted');
      },
    });
    const call = toolCall(world, { signal: cancel.signal });
    const asked = estimateInWords(orders.archivePlace, input, call);
    await expect(asked).rejects.toThrow('cancelled');
  });

  it('is not asked for where no operation gives one', async () => {
    const { words, calls } = await estimated(async () => ({}), clip.createFromItem, {});
    expect(words).toBeUndefined();
    expect(calls).toEqual([]);
  });

  const estimating = catalogue.filter(({ estimate }) => estimate !== undefined);

  it.each(estimating.map((operation) => [operation.id, operation] as const))(
    'of %s comes of an operation that only reads, and takes what the spend gives it',
    (_, operation) => {
      const by = operationById(operation.estimate?.operation ?? '');
      expect(by?.effect).toBe('read');
      const body = operation.estimate?.body(exampleInput(operation.input));
      expect(by?.input.safeParse(body).error?.issues).toBeUndefined();
    },
  );
});
