import type { Act } from '../../../transfer/act.ts';

/** An act whose progress does not fall when what it is about is begun anew. */
export function risingAct(act: Act): Act {
  let most = 0;
  return {
    signal: act.signal,
    mayFinish: async () => (await act.mayFinish?.()) ?? true,
    onProgress(progress) {
      most = Math.max(most, progress.done);
      act.onProgress({ ...progress, done: most });
    },
  };
}
