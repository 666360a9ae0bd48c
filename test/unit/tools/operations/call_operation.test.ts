import { describe, expect, it } from 'vitest';
import { catalogue } from '../../../../src/operations/catalogue.ts';
import { Consent, processKey } from '../../../../src/tools/consent/consent.ts';
import { OPERATION_CALLERS } from '../../../../src/tools/operations/call_operation.ts';
import { CALLER_OF } from '../../../../src/tools/operations/caller_of.ts';
import { exampleInput } from '../../../../src/tools/operations/example_input.ts';
import { InvalidInput } from '../../../../src/tools/operations/operation_errors.ts';
import { workflowWorld } from '../../workflows/workflow_world.ts';
import { toolCall } from '../tool_calls.ts';

const callers = new Map(OPERATION_CALLERS.map((tool) => [tool.name, tool]));

describe('a confirmation among the arguments of the operation', () => {
  const asking = catalogue.filter(({ asksFirst }) => asksFirst);

  it.each(asking.map((it) => [it.id, it] as const))(
    'of %s is told to stand beside them, and is sent nowhere',
    async (id, { effect, input }) => {
      const { context, geopera, ...world } = workflowWorld({});
      const consent = new Consent({ mode: 'auto', key: processKey(), now: () => 0 });
      const call = toolCall({ ...world, context, geopera }, { consent, askUser: async () => true });
      const args = { ...exampleInput(input), confirmation: 'a-confirmation' };
      const calling = callers
        .get(CALLER_OF[effect])
        ?.invoke({ operation: id, arguments: args }, call);
      const failure = await calling?.catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(InvalidInput);
      expect(failure).toMatchObject({
        faults: [expect.stringMatching(/^confirmation: .*beside operation and arguments/)],
      });
      expect(geopera.calls).toEqual([]);
    },
  );
});
