import { basename } from 'node:path';
import { afterAll, expect, it } from 'vitest';

/** What one suite of attacks counts. */
const figures = { suite: '', tried: 0, heldOff: 0 };

/** What was searched for secrets, and how many of them stood in it. */
const searched = { secrets: 0, logLines: 0, answers: 0, pages: 0, found: 0 };

/** Told by whoever searched; sums over the servers of a suite. */
export function wasSearched(more: typeof searched): void {
  for (const [name, count] of Object.entries(more)) {
    if (name in searched) Object.assign(searched, { [name]: Reflect.get(searched, name) + count });
  }
}

afterAll(() => {
  const { suite, tried, heldOff } = figures;
  const { secrets, logLines, answers, pages, found } = searched;
  const search =
    secrets === 0
      ? ''
      : `; ${secrets} secrets searched for in ${logLines} log lines, ${answers} answers and ${pages} pages of figures: ${found} found`;
  process.stdout.write(
    `${suite}: ${tried} attacks tried, ${tried - heldOff} let through${search}\n`,
  );
});

/** One attack. Whatever is thrown in it means that it got through. */
export async function attack<Result>(attempt: () => Promise<Result>): Promise<Result> {
  figures.suite = basename(expect.getState().testPath ?? '', '.test.ts');
  figures.tried += 1;
  const result = await attempt();
  figures.heldOff += 1;
  return result;
}

/** A table of attacks: each row is one test. */
export function attacks<Row>(
  title: string,
  rows: readonly (readonly [name: string, row: Row])[],
  attempt: (row: Row) => Promise<unknown>,
): void {
  for (const [name, row] of rows) it(`${title}: ${name}`, () => attack(() => attempt(row)));
}
