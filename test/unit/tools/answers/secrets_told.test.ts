import { describe, expect, it } from 'vitest';
import { createLog } from '../../../../src/log.ts';
import { answerResult, runTool } from '../../../../src/tools/call_result.ts';
import { operationTool } from '../../../../src/tools/operations/operation_tool.ts';
import { clientFor } from '../../geopera/patient_client.ts';
import { type Handler, json, text, tinyApi } from '../../geopera/tiny_api.ts';
import { workflowWorld } from '../../workflows/workflow_world.ts';
import { toolCall } from '../tool_calls.ts';
import { operation } from './answer_world.ts';

describe('an answer with secrets', () => {
  const result = answerResult({ facts: { key: 'k', id: 'i' }, secrets: ['key', 'assets.*.href'] });

  it('names them to programs', () => {
    expect(result._meta).toEqual({ 'geopera/secrets': ['key', 'assets.*.href'] });
  });

  it('says to the model, last, what they are and what that means', () => {
    const last = result.content.at(-1);
    expect(last).toEqual({
      type: 'text',
      text: expect.stringMatching(/key, assets\.\*\.href\..*nobody else.*no file.*second time/),
    });
    expect(JSON.stringify(last)).not.toContain('"k"');
  });

  it('is like any other where there are none', () => {
    const plain = answerResult({ facts: { id: 'i' }, secrets: [] });
    expect(plain).not.toHaveProperty('_meta');
    expect(plain.content).toHaveLength(1);
  });
});

describe('an answer with an image', () => {
  it('has the facts first, and the image after them', () => {
    const images = [{ data: 'AQID', mediaType: 'image/png' }];
    expect(answerResult({ facts: { bytes: 3 }, images }).content).toEqual([
      { type: 'text', text: '{"bytes":3}' },
      { type: 'image', data: 'AQID', mimeType: 'image/png' },
    ]);
  });
});

const SECRET = 'gpra_0123456789abcdefSECRET';
const SIGNED = `https://storage.example/o?X-Goog-Signature=${SECRET}`;
const redirected: Handler = (response) => {
  response.writeHead(307, { location: `http://10.0.0.1/o?sig=${SECRET}` });
  response.end();
};

/** All that is written to the standard error of this process while something goes on. */
async function writtenWhile(work: () => Promise<void>): Promise<string> {
  let written = '';
  const { write } = process.stderr;
  process.stderr.write = (chunk: unknown) => {
    written += String(chunk);
    return true;
  };
  try {
    await work();
  } finally {
    process.stderr.write = write;
  }
  return written;
}

describe('a whole call, with all that can be logged', () => {
  const record = operation({ secrets: ['key'] });

  it.each<[string, Handler, ReturnType<typeof operation>]>([
    ['that answers a key', json({ key: SECRET, url: SIGNED }), record],
    ['whose answer is no JSON', text(SECRET, { 'content-type': 'application/json' }), record],
    ['that is refused', json({ detail: `the key ${SECRET} of ${SIGNED} is wrong` }, 403), record],
    ['of lines that are broken', text(`{"key": ${SECRET}\n`), operation({ response: 'ndjson' })],
    ['that leads nowhere', redirected, operation({ response: 'redirect' })],
    ['that leads to a file', redirected, operation({ response: 'file' })],
  ])('%s: nothing of it is logged', async (_, handler, asked) => {
    const api = await tinyApi(handler);
    const lines: string[] = [];
    const log = createLog('debug');
    const keeping = Object.fromEntries(
      (['debug', 'info', 'warn', 'error'] as const).map((level) => [
        level,
        (facts: Record<string, unknown>, message: string) => {
          lines.push(JSON.stringify([facts, message, String(facts['err'])]));
          log[level](facts, message);
        },
      ]),
    );
    const told: string[] = [];
    const world = workflowWorld({});
    const context = {
      ...world.context,
      geopera: clientFor(api.url).client,
      log: { ...log, ...keeping },
    };
    const call = toolCall(
      { ...world, context },
      { tell: (level, message) => void told.push(`${level} ${message}`) },
    );
    const written = await writtenWhile(async () => {
      const result = await runTool(operationTool(asked), {}, call);
      expect(result.content.length).toBeGreaterThan(0);
      await log.flushed();
    });
    expect(api.requests.length).toBeGreaterThan(0);
    for (const text of [written, ...lines, ...told]) expect(text).not.toContain('SECRET');
  });
});
