import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { configSchema } from '../../src/config.ts';
import { createServerContext } from '../../src/context.ts';
import { createLog } from '../../src/log.ts';
import { type Spawned, spawnCommand } from '../e2e/spawned.ts';
import { type HttpInProcess, serveHttpInProcess } from '../integration/http_in_process.ts';
import { fixtureOffer } from './fixture_offer.ts';
import {
  type Check,
  runSuite,
  SUITE_VERSIONS,
  type SuiteResult,
  type SuiteVersion,
} from './suite.ts';

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
  'resources-subscribe',
  'resources-templates-read',
  'resources-unsubscribe',
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

function withStatus({ checks }: SuiteResult, status: Check['status']): readonly Check[] {
  return checks.filter((check) => check.status === status);
}

const idsOf = (checks: readonly Check[]) => checks.map(({ id }) => id);
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
  describe('on the product', () => {
    let product: Spawned;
    let url: string;

    beforeAll(async () => {
      product = spawnCommand({ args: ['http', '--sandbox', '--port', '0'] });
      await product.message(() => true);
      ({ url } = z.object({ url: z.string() }).parse(JSON.parse(product.lines[0] ?? '')));
    });

    afterAll(async () => {
      product.process.kill();
      await product.ended;
    });

    it('finds nothing amiss but that its fixtures are not there', async () => {
      const result = await runSuite(version, url);
      const generic = result.checks.filter(({ scenario }) => !NEEDS_FIXTURES.includes(scenario));
      printPassed(version, 'the product', generic);
      expect(scenariosOf(withStatus(result, 'FAILURE'))).toEqual(NEEDS_FIXTURES);
      expect(generic.filter(({ status }) => status === 'FAILURE')).toEqual([]);
    });
  });

  describe("on the product's code with fixtures", () => {
    let fixtures: HttpInProcess;

    beforeAll(async () => {
      const account = { apiUrl: 'http://127.0.0.1:9', token: undefined };
      const context = createServerContext(configSchema.parse({}), account, createLog('error'));
      fixtures = await serveHttpInProcess(fixtureOffer, context, 'session');
    });

    afterAll(() => fixtures.close());

    it('finds nothing amiss', async () => {
      const result = await runSuite(version, fixtures.url);
      printPassed(version, 'with fixtures', result.checks);
      expect(withStatus(result, 'FAILURE')).toEqual([]);
      expect(idsOf(withStatus(result, 'WARNING'))).toEqual(UNAVOIDABLE[version]);
      expect(withStatus(result, 'SKIPPED')).toEqual([]);
      expect(result.output).toMatch(/Total: \d+ passed, 0 failed/);
      expect(result.exitCode).toBe(0);
    });
  });
});
