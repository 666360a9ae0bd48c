import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FixtureServer, startFixtureServer } from './fixture_server.ts';
import {
  type Check,
  runSuite,
  SUITE_VERSIONS,
  type SuiteResult,
  type SuiteVersion,
} from './suite.ts';

/**
 * Warnings that no server of the SDK can avoid: this suite calls a tool in the name of an older protocol
 * than the one that it agreed on, whose clients cannot read what it then misses.
 */
const UNAVOIDABLE: Readonly<Record<SuiteVersion, readonly string[]>> = {
  '0.1': ['server-sse-priming-event', 'server-sse-retry-field'],
  '0.2': [],
};

function withStatus({ checks }: SuiteResult, status: Check['status']): readonly Check[] {
  return checks.filter((check) => check.status === status);
}

function printPassed(server: string, version: SuiteVersion, result: SuiteResult): void {
  const passed = withStatus(result, 'SUCCESS').length;
  process.stdout.write(`conformance ${version}, ${server}: ${passed} checks passed\n`);
}

describe.each(SUITE_VERSIONS)('the conformance suite %s', (version) => {
  let fixtures: FixtureServer;

  beforeAll(async () => {
    fixtures = await startFixtureServer();
  });

  afterAll(() => fixtures.close());

  it('finds nothing amiss where its fixtures are', async () => {
    const result = await runSuite(version, fixtures.url);
    printPassed('fixtures', version, result);
    expect(withStatus(result, 'FAILURE')).toEqual([]);
    expect(withStatus(result, 'WARNING').map(({ id }) => id)).toEqual(UNAVOIDABLE[version]);
    expect(withStatus(result, 'SKIPPED')).toEqual([]);
    expect(result.output).toMatch(/Total: \d+ passed, 0 failed/);
    expect(result.exitCode).toBe(0);
  });
});
