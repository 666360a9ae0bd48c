import type { FileAnswer } from '../../../src/geopera/answers.ts';
import type { GeoperaClient } from '../../../src/geopera/client.ts';

/** A call that was made: the operation's id and what was sent. */
export interface RecordedCall {
  readonly id: string;
  readonly input: unknown;
  /** The key that it was to carry, where one was given. */
  readonly idempotencyKey?: string;
}

export interface FakeGeopera extends GeoperaClient {
  readonly calls: readonly RecordedCall[];
}

/** Answers of a fake API; what is left out must not be called. */
export interface FakeAnswers {
  /** The answer of a JSON operation, checked by the operation's own model. */
  readonly call?: (id: string, input: unknown, signal: AbortSignal) => Promise<unknown>;
  readonly openFile?: (id: string, input: unknown) => Promise<FileAnswer>;
  readonly userinfo?: () => Promise<unknown>;
}

/** A Geopera client without a network, which keeps what was asked of it. */
export function fakeGeopera(answers: FakeAnswers): FakeGeopera {
  const calls: RecordedCall[] = [];
  const unexpected = (id: string) => new Error(`the test expects no call of ${id}`);
  return {
    calls,
    async call(operation, input, signal, terms) {
      if (answers.call === undefined) throw unexpected(operation.id);
      const { idempotencyKey } = terms ?? {};
      calls.push({ id: operation.id, input, ...(idempotencyKey && { idempotencyKey }) });
      return operation.output.parse(await answers.call(operation.id, input, signal));
    },
    async callUntyped(operation, input, signal, terms) {
      if (answers.call === undefined) throw unexpected(operation.id);
      const { idempotencyKey } = terms ?? {};
      calls.push({ id: operation.id, input, ...(idempotencyKey && { idempotencyKey }) });
      return answers.call(operation.id, input, signal);
    },
    async openFile(operation, input) {
      if (answers.openFile === undefined) throw unexpected(operation.id);
      calls.push({ id: operation.id, input });
      return answers.openFile(operation.id, input);
    },
    async userinfo() {
      if (answers.userinfo === undefined) throw unexpected('userinfo');
      return answers.userinfo();
    },
  };
}
