import type { WorkflowContext } from '../../workflows/context.ts';

/** What of a call matters to whoever asks before it acts. */
export interface AskingCall {
  /** For whom it is. */
  readonly owner: string;
  readonly context: Pick<WorkflowContext, 'geopera'>;
  readonly signal: AbortSignal;
  /**
   * Asks the user through the client, and resolves to true only if a person said yes; absent where the
   * client cannot. Throws if the call ends meanwhile.
   */
  readonly askUser?: ((question: string) => Promise<boolean>) | undefined;
}
