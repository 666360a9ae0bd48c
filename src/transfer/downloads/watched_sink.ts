import type { ByteSink } from '../http/get_answer.ts';

/** Who watches the pace at which a sink is filled. */
export interface FlowWatch {
  /** So many bytes came. */
  touch(bytes: number): void;
  /** The sink itself is what is slow from now on. May be said twice, as the end of it. */
  suspend(): void;
  resume(): void;
}

/** The same sink, watched. */
export function watchedSink(sink: ByteSink, watch: FlowWatch): ByteSink {
  return {
    room: () => sink.room(),
    took(bytes) {
      watch.touch(bytes);
      const pause = sink.took(bytes);
      if (pause === undefined) return;
      watch.suspend();
      return pause.finally(() => watch.resume());
    },
  };
}
