import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GeoperaError } from '../../../src/geopera/geopera_error.ts';
import { decodeArguments } from '../../../src/tools/arguments.ts';
import { inBytes } from '../../../src/tools/byte_words.ts';
import { errorResult } from '../../../src/tools/call_result.ts';
import { explain } from '../../../src/tools/explain.ts';
import { createToolbox } from '../../../src/tools/toolbox.ts';
import { QuotaExceeded, UploadFailed } from '../../../src/workflows/upload_failed.ts';
import { objectsIn } from '../../contract/schema_profile.ts';

const refused = (detail: string) =>
  new GeoperaError({
    kind: 'payment_required',
    operationId: 'uploads.initiate',
    detail,
    status: 402,
  });

describe('words of tools', () => {
  it('a fault of ours inside an upload is logged, as the advice says', () => {
    const logged: unknown[] = [];
    const error = new UploadFailed(
      'u',
      { step: 'transfer', cause: new TypeError('ours') },
      { state: 'released' },
    );
    const warn = (facts: object) => logged.push(facts);
    errorResult('upload_local_file', error, { info: warn, warn, error: warn });
    expect(logged).toHaveLength(1);
  });

  it('a detail that ends in a full stop gets no second one', () => {
    expect(explain(refused('No quota left.'))?.what).not.toContain('..');
    expect(explain(new QuotaExceeded(1, refused('No quota left.')))?.what).not.toContain('..');
  });

  it('an unknown argument inside another is told with its place and the names there', () => {
    const input = z
      .object({ area: z.object({ type: z.string() }).strict(), job: z.string() })
      .strict();
    expect(() => decodeArguments('t', input, { job: 'j', area: { type: 'x', typ: 1 } })).toThrow(
      /unknown argument typ in area/,
    );
  });

  it('what was sent is not told back at any length, nor with control characters', () => {
    const input = z.object({ kind: z.enum(['a']).optional() }).strict();
    const said = (args: unknown) => {
      try {
        decodeArguments('t', input, args);
      } catch (error) {
        return String(error);
      }
      return '';
    };
    expect(said({ kind: 'x'.repeat(100_000) }).length).toBeLessThan(2000);
    expect(said({ ['k'.repeat(100_000)]: 1 }).length).toBeLessThan(2000);
    expect(said({ 'k\u001b[31m\n': 1 })).not.toMatch(/\p{Cc}/u);
  });

  it('a size is never a thousand of a unit', () => {
    expect(inBytes(999_999)).toBe('1.0 MB');
  });

  it.each([...createToolbox('both')])(
    '%s describes every property, also inside others',
    (_, tool) => {
      const bare = objectsIn(tool.listing.inputSchema).flatMap(({ where, properties }) =>
        Object.entries(properties)
          .filter(([, it]) => it['description'] === undefined)
          .map(([name]) => `${where}.${name}`),
      );
      expect(bare).toEqual([]);
    },
  );
});
