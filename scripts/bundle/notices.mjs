import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const PACKAGE_OF_INPUT = /^(?:on-demand[^:]*:)?(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

/**
 * The licences of all packages that went into the bundles, as their authors ask.
 *
 * @param {string[]} inputs Paths of bundled files, relative to `root`.
 */
export async function thirdPartyNotices(root, inputs) {
  const folders = new Set(inputs.flatMap((input) => PACKAGE_OF_INPUT.exec(input)?.[1] ?? []));
  const notices = await Promise.all([...folders].map((folder) => notice(join(root, folder))));
  return `${notices.sort().join(`\n${'-'.repeat(80)}\n`)}\n`;
}

async function notice(folder) {
  const { name, version, license } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  );
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : await readFile(join(folder, file), 'utf8');
  return `${name} ${version} (${license})\n\n${text.trim()}\n`;
}
