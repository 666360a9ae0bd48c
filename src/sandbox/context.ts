import type { FaultQueue } from './fault_queue.ts';
import type { FaultAction } from './faults.ts';
import type { KeptAnswers } from './kept_answers.ts';
import type { ObjectStore } from './object_store.ts';
import type { Settings } from './settings.ts';
import type { UrlSigner } from './signed_urls.ts';
import type { StateStore } from './state_store.ts';

/** What every request of one sandbox shares. */
export interface SandboxContext {
  readonly settings: Settings;
  readonly store: StateStore;
  readonly objects: ObjectStore;
  readonly signer: UrlSigner;
  readonly faults: FaultQueue<FaultAction>;
  readonly keptAnswers: KeptAnswers;
}
