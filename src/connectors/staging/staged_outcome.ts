/** What became of an upload that its process left. */
export type StagedOutcome =
  /** What could be removed at the service is removed. */
  | { readonly state: 'removed' }
  /** The service knows nothing of it any more, or nothing was staged. */
  | { readonly state: 'over' }
  /** Its time at the service is over. */
  | { readonly state: 'expired' }
  /** It was being finished when its process ended: nothing is removed. */
  | { readonly state: 'perhaps_done' }
  | {
      readonly state: 'held';
      readonly reason: string;
      /** True if the same may succeed soon. */
      readonly again: boolean;
    };
