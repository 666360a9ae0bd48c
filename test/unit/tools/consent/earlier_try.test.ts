import { describe, expect, it } from 'vitest';
import { GeoperaError } from '../../../../src/geopera/geopera_error.ts';
import { clip } from '../../../../src/operations/clip.ts';
import { collections } from '../../../../src/operations/collections.ts';
import type { Operation } from '../../../../src/operations/operation.ts';
import { actOf } from '../../../../src/tools/consent/asked_act.ts';
import { Consent, processKey } from '../../../../src/tools/consent/consent.ts';
import { exampleInput } from '../../../../src/tools/operations/example_input.ts';
import { workflowWorld } from '../../workflows/workflow_world.ts';
import { toolCall } from '../tool_calls.ts';

const TOLD = /An equal call was sent before/;
const lost = new GeoperaError({
  kind: 'unreachable',
  operationId: 'clip.create_from_item',
  detail: 'no answer',
  fateUnknown: true,
});

/** A user who says yes to everything, and what they were shown. */
function start(operation: Operation = clip.createFromItem) {
  const consent = new Consent({ mode: 'auto', key: processKey(), now: () => 0 });
  const input = exampleInput(operation.input);
  const shown: string[] = [];
  const askUser = async (question: string) => {
    shown.push(question);
    return true;
  };
  const decide = async (asks: boolean) => {
    const call = toolCall(workflowWorld({}), asks ? { askUser } : {});
    const decision = await consent.decide(actOf(operation), input, undefined, call);
    if (decision.kind === 'prepared') shown.push(String(decision.facts['summary']));
    return decision;
  };
  /** Asks the user, then acts. */
  const act = async (fate?: Error) => {
    const decision = await decide(true);
    if (decision.kind !== 'granted') throw new Error('it was not asked');
    const work = async () => {
      if (fate !== undefined) throw fate;
    };
    await consent.carryOut(operation, decision, work).catch(() => undefined);
  };
  return { act, decide, shown };
}

describe('a user who is asked about a spend', () => {
  it('is told of an equal one of which nothing is known, and of no other', async () => {
    const { act, decide, shown } = start();
    await act(lost);
    await act(lost);
    await decide(false);
    await act();
    await act();
    await decide(false);
    expect(shown.map((question) => TOLD.test(question))).toEqual([
      false,
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('hears nothing of it where each call is one of its own', async () => {
    const { act, shown } = start(collections.delete);
    await act(lost);
    await act();
    expect(shown.filter((question) => TOLD.test(question))).toEqual([]);
  });
});
