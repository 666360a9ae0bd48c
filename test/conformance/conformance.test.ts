import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { openHttpServer } from '../../src/commands/http_server.ts';
import { configSchema } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { spawnCommand } from '../e2e/spawned.ts';
import { fixtureOffer } from './fixture_offer.ts';
import {
  type Check,
  runSuite,
  SUITE_VERSIONS,
  type SuiteResult,
  type SuiteVersion,
} from './suite.ts';

/** A suite is a process that starts anew, on a machine that may be busy. */
vi.setConfig({ testTimeout: 120_000 });

/**
 * Warnings that no server of the SDK avoids: this suite calls a tool in the name of an older protocol
 * than the one that it agreed on, whose clients cannot read what it then misses.
 */
const UNAVOIDABLE: Readonly<Record<SuiteVersion, readonly string[]>> = {
  '0.1': ['server-sse-priming-event', 'server-sse-retry-field'],
  '0.2': [],
};

/** Scenarios that ask for a tool, a prompt or a resource by a name of the suite's own. */
const NEEDS_FIXTURES = [
  'elicitation-sep1034-defaults',
  'elicitation-sep1330-enums',
  'json-schema-2020-12',
  'prompts-get-embedded-resource',
  'prompts-get-simple',
  'prompts-get-with-args',
  'prompts-get-with-image',
  'resources-read-binary',
  'resources-read-text',
  'resources-templates-read',
  'tools-call-audio',
  'tools-call-elicitation',
  'tools-call-embedded-resource',
  'tools-call-error',
  'tools-call-image',
  'tools-call-mixed-content',
  'tools-call-sampling',
  'tools-call-simple-text',
  'tools-call-with-logging',
  'tools-call-with-progress',
];

/** What a server cannot do that forgets its clients. */
const NEEDS_SESSIONS = ['logging-set-level', 'resources-subscribe', 'resources-unsubscribe'];

/** Ends with the test. */
async function startProduct(...args: readonly string[]): Promise<string> {
  const product = spawnCommand({ args: ['http', '--sandbox', '--port', '0', ...args] });
  onTestFinished(async () => {
    product.process.kill();
    await product.ended;
  });
  await product.message(() => true);
  return z.object({ url: z.string() }).parse(JSON.parse(product.lines[0] ?? '')).url;
}

/** Ends with the test. */
async function startFixtures(): Promise<string> {
  const config = configSchema.parse({ httpPort: '0', rateLimit: '0', tokenFromEnv: true });
  const account = { apiUrl: 'http://127.0.0.1:9', token: 'gpra_not_used' };
  const parts = { offer: fixtureOffer };
  const server = await openHttpServer(config, account, createLog('error'), parts);
  onTestFinished(() => server.drain());
  return server.url;
}

function withStatus({ checks }: SuiteResult, status: Check['status']): readonly Check[] {
  return checks.filter((check) => check.status === status);
}

const wordsOf = (checks: readonly Check[]) =>
  checks.map(({ scenario, id, errorMessage }) => `${scenario}, ${id}: ${errorMessage}`);
const scenariosOf = (checks: readonly Check[]) =>
  [...new Set(checks.map(({ scenario }) => scenario))].sort();

function printPassed(version: SuiteVersion, server: string, checks: readonly Check[]): void {
  const passed = checks.filter(({ status }) => status === 'SUCCESS').length;
  const scenarios = scenariosOf(checks).length;
  process.stdout.write(
    `conformance ${version}, ${server}: ${passed} checks of ${scenarios} scenarios passed\n`,
  );
}

describe.each(SUITE_VERSIONS)('the conformance suite %s', (version) => {
  it('finds nothing amiss on the product but that its fixtures are not there', async () => {
    const result = await runSuite(version, await startProduct());
    const generic = result.checks.filter(({ scenario }) => !NEEDS_FIXTURES.includes(scenario));
    printPassed(version, 'the product', generic);
    expect(scenariosOf(withStatus(result, 'FAILURE'))).toEqual(NEEDS_FIXTURES);
  });

  it("finds nothing amiss on the product's code with fixtures", async () => {
    const result = await runSuite(version, await startFixtures());
    printPassed(version, 'with fixtures', result.checks);
    expect(wordsOf(withStatus(result, 'FAILURE'))).toEqual([]);
    expect(withStatus(result, 'WARNING').map(({ id }) => id)).toEqual(UNAVOIDABLE[version]);
    expect(wordsOf(withStatus(result, 'SKIPPED'))).toEqual([]);
    expect(result.output).toMatch(/Total: \d+ passed, 0 failed/);
    expect(result.exitCode).toBe(0);
  });
});

it('finds nothing amiss on the product without sessions but what these are needed for', async () => {
  const result = await runSuite('0.2', await startProduct('--stateless'));
  const amiss = scenariosOf(withStatus(result, 'FAILURE'));
  expect(amiss).toEqual([...NEEDS_FIXTURES, ...NEEDS_SESSIONS].sort());
});
