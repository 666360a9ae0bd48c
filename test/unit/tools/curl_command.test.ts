import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curlCommand, shellWord } from '../../../src/tools/curl_command.ts';

let folder: string;

/** In it `curl` is a program that tells what it was given, and where that ends. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'curl-'));
  const curl = join(folder, 'curl');
  writeFileSync(curl, '#!/bin/sh\nprintf \'%s\\n\' "$@" .\n');
  chmodSync(curl, 0o755);
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What a shell prints that runs a script, as lines. */
function shell(script: string): string[] {
  const env = { PATH: `${folder}:${process.env['PATH']}`, HOME: '/nowhere', c: 'leaked' };
  const { stdout, stderr, status } = spawnSync('sh', ['-c', script], { encoding: 'utf8', env });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.split('\n').slice(0, -1);
}

const SPECIAL = ["'", '"', '\\', '`', '$', '$c', '$(c)', '!', '*', '?', '~', '#', '&', ';', '|'];
const MORE = ['<', '>', '(', ')', '{a,b}', '[1-9]', ' ', '-', '--', '@', '%', '=', '\t', 'é', '🛰'];
/** Any text of one line, mostly of what shells, or curl, take for something else. */
const oneLine = fc
  .array(fc.oneof(fc.constantFrom(...SPECIAL, ...MORE), fc.string({ unit: 'binary' })))
  .map((parts) => parts.join(''))
  .filter((text) => !/[\0\n]/.test(text));
const fileName = oneLine.filter((name) => /^(?!\.{1,2}$)[^/\\\p{C}]{1,255}$/u.test(name));
const url = fc
  .record({ path: oneLine, query: oneLine })
  .map(({ path, query }) => new URL(`https://storage.test/b/${path}?sig=${query}`));

describe.skipIf(process.platform === 'win32')('a word for a shell', () => {
  it('comes out as it went in, whatever it is', () => {
    fc.assert(
      fc.property(fc.array(oneLine, { minLength: 1 }), (words) => {
        expect(shell(`printf '%s\\n' ${words.map(shellWord).join(' ')}`)).toEqual(words);
      }),
    );
  });
});

describe.skipIf(process.platform === 'win32')('a curl command', () => {
  it('gives curl the name, the type and the URL, and nothing else', () => {
    fc.assert(
      fc.property(fileName, url, (name, to) => {
        const file = { fileName: name, bytes: 1, contentType: 'image/tiff; a=b', url: to };
        expect(shell(curlCommand(file))).toEqual([
          ...['--fail-with-body', '--no-location', '--globoff'],
          ...['--header', 'Content-Type: image/tiff; a=b'],
          ...['--upload-file', `./${name}`],
          ...['--url', to.href],
          '.',
        ]);
      }),
    );
  });
});
