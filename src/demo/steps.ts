import type { OnProgress } from './demo_client.ts';
import { printable } from './printable.ts';

const BAR_WIDTH = 32;
const CLEAR_LINE = '\r\u001b[2K';

/** The demo's voice: what is being done, how far it has come, what came of it. */
export interface Steps {
  say(text: string): void;
  done(text: string): void;
  readonly bar: OnProgress;
}

/** Writes steps to a stream; on a terminal the bar is redrawn in place, elsewhere told at its end. */
export function createSteps(out: NodeJS.WriteStream): Steps {
  const clear = out.isTTY ? CLEAR_LINE : '';
  return {
    say: (text) => out.write(`${clear}${printable(text)}\n`),
    done: (text) => out.write(`${clear}  → ${printable(text)}\n`),
    bar(done, total) {
      if (total === undefined || total === 0) return;
      if (out.isTTY) out.write(`${CLEAR_LINE}  ${drawn(done / total)}`);
      else if (done >= total) out.write(`  ${drawn(1)}\n`);
    },
  };
}

function drawn(share: number): string {
  const full = Math.round(Math.min(1, share) * BAR_WIDTH);
  const percent = `${Math.floor(Math.min(1, share) * 100)} %`;
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${percent}`;
}
