import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GeoperaError } from '../../../src/geopera/geopera_error.ts';
import { answerResult, errorResult, runTool } from '../../../src/tools/call_result.ts';
import { hints } from '../../../src/tools/effect_hints.ts';
import { defineTool } from '../../../src/tools/tool.ts';
import type { WorkflowLog } from '../../../src/workflows/context.ts';
import { workflowWorld } from '../workflows/workflow_world.ts';
import { toolCall } from './tool_calls.ts';

function keepingLog() {
  const lines: { facts: Readonly<Record<string, unknown>>; message: string }[] = [];
  const keep: WorkflowLog['warn'] = (facts, message) => lines.push({ facts, message });
  const log: WorkflowLog = { info: keep, warn: keep, error: keep };
  return { log, lines };
}

describe('an answer', () => {
  it('has the same facts as text and as structured content', () => {
    const facts = { item: { id: 'é' }, none: null, list: [1] };
    const result = answerResult({ facts });
    expect(result.structuredContent).toEqual(facts);
    const [text, ...rest] = result.content;
    expect(rest).toEqual([]);
    expect(JSON.parse(text?.type === 'text' ? text.text : '')).toEqual(facts);
    expect(result.isError).toBeUndefined();
  });

  it.each([
    ['with its media type', 'image/tiff', { mimeType: 'image/tiff' }],
    ['without one', undefined, {}],
  ])('links the file that it made, %s', (_, mediaType, more) => {
    const file = { path: '/data/a b#1.tif', bytes: 3, mediaType };
    expect(answerResult({ facts: {}, file }).content[1]).toEqual({
      type: 'resource_link',
      uri: 'file:///data/a%20b%231.tif',
      name: 'a b#1.tif',
      size: 3,
      ...more,
    });
  });
});

describe('an error', () => {
  it('that is known is told in words and by its code, and not logged', () => {
    const { log, lines } = keepingLog();
    const error = new GeoperaError({ kind: 'gone', operationId: 'items.get', detail: 'expired' });
    expect(errorResult('items_get', error, log)).toEqual({
      isError: true,
      content: [
        {
          type: 'text',
          text: 'items.get failed: expired.\nIt has expired and is no longer kept. Look for a newer one.',
        },
      ],
      _meta: { 'geopera/error': { code: 'gone', retryable: false } },
    });
    expect(lines).toEqual([]);
  });

  it.each([new Error('SECRET'), 'SECRET', { message: 'SECRET' }])(
    'that is not known is logged, and nothing of it is told: %s',
    (error) => {
      const { log, lines } = keepingLog();
      const result = errorResult('items_get', error, log);
      expect(result).toMatchObject({
        isError: true,
        _meta: { 'geopera/error': { code: 'internal', retryable: false } },
      });
      expect(JSON.stringify(result)).not.toContain('SECRET');
      expect(lines).toEqual([
        { facts: { tool: 'items_get', err: error }, message: expect.any(String) },
      ]);
    },
  );
});

describe('an answer that no client could take', () => {
  it('becomes words that say how to ask for less', async () => {
    const tool = defineTool({
      name: 'long_tool',
      title: 'Long',
      description: 'Answers much.',
      toolsets: [],
      hints: hints({ readOnly: true }),
      input: () => z.object({}).strict(),
      run: async () => ({ facts: { text: 'x'.repeat(1_000_001) } }),
    });
    const result = await runTool(tool, {}, toolCall(workflowWorld({})));
    expect(result).toMatchObject({
      isError: true,
      _meta: { 'geopera/error': { code: 'answer_too_large' } },
    });
    expect(JSON.stringify(result).length).toBeLessThan(1000);
  });
});
