import type { Act, Progress } from '../../../src/transfer/act.ts';
import { createTransferEngine } from '../../../src/transfer/engine.ts';
import type { WorkflowContext } from '../../../src/workflows/context.ts';
import { OpenLinks } from '../../../src/workflows/open_links.ts';
import { noSessionJournal } from '../../../src/workflows/session_journal.ts';
import { createTransferMethods } from '../../../src/workflows/transfer_method.ts';
import { type FakeAnswers, type FakeGeopera, fakeGeopera } from '../geopera/fake_geopera.ts';
import { ManualClock } from '../jobs/manual_clock.ts';

export interface WorkflowWorld {
  readonly context: WorkflowContext;
  readonly geopera: FakeGeopera;
  readonly act: Act;
  readonly progress: readonly Progress[];
  /** Every wait, in milliseconds; none takes time. */
  readonly waits: readonly number[];
}

const MAX_WAITS = 100;

/** A world in which waits end at once, the API is a fake one, and every scope is granted. */
export function workflowWorld(
  answers: FakeAnswers,
  signal: AbortSignal = new AbortController().signal,
): WorkflowWorld {
  const progress: Progress[] = [];
  const waits: number[] = [];
  const geopera = fakeGeopera(answers);
  const engine = createTransferEngine({
    clock: {
      now: () => waits.reduce((sum, ms) => sum + ms, 0),
      wait: async (ms, waiting) => {
        waiting.throwIfAborted();
        // Waits that take no time would hang a test for ever if what is waited for never came.
        if (waits.length === MAX_WAITS) throw new Error('the workflow waits without end');
        waits.push(ms);
      },
    },
  });
  const context: WorkflowContext = {
    geopera,
    scopes: { require: async () => undefined },
    engine,
    transferMethods: createTransferMethods('signed_url'),
    parallelFiles: 2,
    sessions: noSessionJournal,
    links: new OpenLinks(new ManualClock()),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  };
  return {
    context,
    geopera,
    act: { signal, onProgress: (it) => progress.push(it) },
    progress,
    waits,
  };
}
