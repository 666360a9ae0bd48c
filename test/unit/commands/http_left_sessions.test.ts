import { expect, it } from 'vitest';
import { LeftSessions } from '../../../src/commands/http_left_sessions.ts';
import { createLog } from '../../../src/log.ts';
import { ManualClock } from '../jobs/manual_clock.ts';
import { workflowWorld } from '../workflows/workflow_world.ts';

/** Whom was looked for, of those who came. */
function looks() {
  const looked: string[] = [];
  const clock = new ManualClock();
  const sweep = async (token: string) => void looked.push(token);
  const left = new LeftSessions({ sweep, clock, log: createLog('error') });
  const { context } = workflowWorld({});
  return { clock, left, looked, visit: (who: string) => left.visit(who, who, context) };
}

it('what was left of somebody is looked for once a minute', async () => {
  const { clock, looked, visit } = looks();
  for (let calls = 0; calls < 3; calls += 1) for (const who of ['me', 'them']) visit(who);
  expect(looked).toEqual(['me', 'them']);
  await clock.pass(60_000);
  visit('me');
  expect(looked).toEqual(['me', 'them', 'me']);
});

it('it is looked for with the next call of one of whom something was just left', () => {
  const { left, looked, visit } = looks();
  for (const who of ['me', 'them']) visit(who);
  left.lookAgain('me');
  for (const who of ['me', 'them', 'me']) visit(who);
  expect(looked).toEqual(['me', 'them', 'me']);
});
