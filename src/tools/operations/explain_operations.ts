import { plainText } from '../../geopera/plain_text.ts';
import { type ConsentRefusal, NotConfirmed } from '../consent/consent_error.ts';
import type { Explanation } from '../explanation.ts';
import { toolName } from '../tool_name.ts';
import {
  InvalidInput,
  OperationLeftOut,
  UnknownOperation,
  WrongCaller,
} from './operation_errors.ts';

/** Words for an operation that was not called; undefined for any other error. */
export function explainOperations(error: unknown): Explanation | undefined {
  if (error instanceof InvalidInput) return explainInput(error);
  if (error instanceof WrongCaller) return explainCaller(error);
  if (error instanceof UnknownOperation) return explainUnknown(error);
  if (error instanceof OperationLeftOut) return explainLeftOut(error);
  if (error instanceof NotConfirmed) return explainConsent(error);
  return undefined;
}

function explainInput({ operationId, faults, example }: InvalidInput): Explanation {
  return {
    code: 'invalid_arguments',
    what: `The arguments do not fit ${operationId}: ${faults.join('; ')}. Nothing was done.`,
    next: `Valid arguments, with values to be replaced: ${JSON.stringify(example)}. describe_operation shows all fields.`,
    retryable: false,
  };
}

function explainCaller({ operationId, called, right }: WrongCaller): Explanation {
  return {
    code: 'wrong_caller',
    what: `${called} does not call ${operationId}. Nothing was done.`,
    next: `Call ${right} with ${right === toolName(operationId) ? 'the fields of the operation' : 'the same arguments'}.`,
    retryable: false,
  };
}

function explainUnknown({ asked, similar }: UnknownOperation): Explanation {
  return {
    code: 'unknown_operation',
    what: `There is no operation '${plainText(asked, 100)}'.`,
    next:
      similar.length === 0
        ? 'Find it with search_operations.'
        : `Meant may be ${similar.join(', ')}; search_operations finds others.`,
    retryable: false,
  };
}

function explainLeftOut({ operationId }: OperationLeftOut): Explanation {
  return {
    code: 'operation_left_out',
    what: `${operationId} is not offered by this server, by its settings (--toolsets, --tools, --exclude-tools or --read-only) or by those of this client.`,
    next: 'Do without it, or ask the user to change the settings.',
    retryable: false,
  };
}

const CONSENT_NEXT: Readonly<Record<ConsentRefusal, readonly [what: string, next: string]>> = {
  declined: [
    'was not agreed to: the user said no or did not answer, or the client never showed the question.',
    'Do not call it again unless the user asks for it. If the user saw no question, the operator of this server can set --confirm.',
  ],
  cannot_ask: [
    'needs the own answer of the user, and this client cannot ask.',
    'Tell the user: the operator of this server asks for this with --confirm always.',
  ],
  invalid_confirmation: [
    'came with a confirmation that does not count: it is too old, was used, or is of other arguments or another server.',
    'Make the call without confirmation, show the user the new summary, and ask again.',
  ],
};

function explainConsent({ operationId, reason }: NotConfirmed): Explanation {
  const [what, next] = CONSENT_NEXT[reason];
  return {
    code: `consent_${reason}`,
    what: `${operationId} ${what} Nothing was done.`,
    next,
    retryable: false,
  };
}
