import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { parseBody } from './body_validation.ts';
import type { SandboxContext } from './context.ts';
import { type Answer, jsonAnswer } from './delivery.ts';
import { faultSchema } from './faults.ts';
import { readJsonBody } from './json_body.ts';
import { issueToken, presentedToken } from './principals.ts';
import { notFound, ProblemError } from './problems.ts';
import { reportState } from './state_report.ts';

const tokenRequestSchema = z
  .object({
    scopes: z.array(z.string()),
    role: z.enum(['viewer', 'editor', 'admin']).optional(),
    showScopes: z.boolean().optional(),
  })
  .strict();

/** The sandbox's own endpoints under `/sandbox/`, for whoever tests against it. */
export async function controlAnswer(
  context: SandboxContext,
  path: string,
  request: IncomingMessage,
): Promise<Answer> {
  switch (`${request.method} ${path}`) {
    case 'GET /sandbox/state':
      return jsonAnswer(200, reportState(context));
    case 'POST /sandbox/faults': {
      requireMainToken(context, request);
      context.faults.inject(parseBody(faultSchema, await readJsonBody(request)));
      return jsonAnswer(200, { ok: true });
    }
    case 'DELETE /sandbox/faults': {
      requireMainToken(context, request);
      context.faults.clear();
      return jsonAnswer(200, { ok: true });
    }
    case 'POST /sandbox/tokens': {
      requireMainToken(context, request);
      const wanted = parseBody(tokenRequestSchema, await readJsonBody(request));
      const { token } = issueToken(context.store.state, wanted);
      await context.store.save();
      return jsonAnswer(200, { token });
    }
    default:
      throw notFound('Path');
  }
}

function requireMainToken({ store }: SandboxContext, request: IncomingMessage): void {
  const [main] = store.state.principals;
  if (presentedToken(request.headers) === main.token) return;
  throw new ProblemError(401, "The sandbox's main token is required");
}
