import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../../src/sandbox/opteryx/refusals.ts';
import { formParts } from '../../../../src/sandbox/opteryx/v2/multipart_body.ts';

const TYPE = 'multipart/form-data; boundary=cut';

const form = (...lines: string[]) => Buffer.from(lines.join('\r\n'));

describe('a form', () => {
  it('that fetch writes is read back, whatever its bytes', async () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    const name = fc.string({ unit: fc.constantFrom('a', ' ', '"', '.', 'é', ';'), minLength: 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, bytes)), async (files) => {
        const written = new FormData();
        for (const [fileName, body] of files)
          written.append('f', new Blob([Buffer.from(body)]), fileName);
        written.append('last', 'x');
        const sent = new Response(written);
        const body = Buffer.from(await sent.arrayBuffer());
        const parts = formParts(sent.headers.get('content-type') ?? undefined, body);
        expect(parts.map(({ fileName, body: own }) => [fileName, [...own]])).toEqual([
          ...files.map(([fileName, own]) => [fileName, [...own]]),
          [undefined, [0x78]],
        ]);
      }),
    );
  });

  it.each([
    [
      'a quoted boundary',
      'multipart/form-data; boundary="cut"',
      'name="a"; filename="b.csv"',
      'b.csv',
    ],
    ['text before it', TYPE, 'name="a"; filename="b.csv"', 'b.csv'],
    ['an escaped quote', TYPE, 'name="a"; filename="b\\"c"', 'b"c'],
    ['an encoded name', TYPE, `name="a"; filename*=utf-8''%C3%A9.csv`, 'é.csv'],
    ['no file name', TYPE, 'name="a"', undefined],
  ])('with %s', (_, type, disposition, fileName) => {
    const head = `Content-Disposition: form-data; ${disposition}`;
    const body = form('before', '--cut', head, 'X-Y:  z', '', 'body', '--cut--', '');
    expect(formParts(type, body)).toMatchObject([
      { name: 'a', fileName, body: Buffer.from('body') },
    ]);
  });

  it('hands on the headers of a part', () => {
    const head = 'Content-Disposition: form-data; name="a"';
    const body = form('--cut', head, 'Content-Encoding:  gzip', '', '', '--cut--');
    expect(formParts(TYPE, body)[0]?.headers.get('content-encoding')).toBe('gzip');
  });

  it.each([
    ['of another type', 'application/json', form('--cut--')],
    ['without a type', undefined, form('--cut--')],
    ['without an end', TYPE, form('--cut', 'Content-Disposition: form-data; name="a"', '', 'x')],
    ['with a part without headers', TYPE, form('--cut', 'x', '--cut--')],
    ['with a part without a name', TYPE, form('--cut', 'A: b', '', 'x', '--cut--')],
    ['of nothing', TYPE, form('')],
  ])('%s is refused', (_, type, body) => {
    expect(() => formParts(type, body)).toThrow(Refusal);
  });
});
