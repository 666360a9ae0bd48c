import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { zodToJsonSchema } from 'zod-to-json-schema';
import { compareOperation } from '../../src/doctor/catalogue_comparison.ts';
import { reasonFor } from '../../src/doctor/known_differences.ts';
import { catalogue } from '../../src/operations/catalogue.ts';
import type { Operation } from '../../src/operations/operation.ts';
import { acceptedSchema } from './bodies/accepted_schema.ts';
import { mutatedBody } from './bodies/mutated_bodies.ts';
import { type PlainSchema, plain } from './bodies/plain_schema.ts';
import { seededRandom } from './bodies/seeded_random.ts';
import { validValue } from './bodies/valid_bodies.ts';
import { isPublishedApiHere, publishedApi, whyNot } from './published_api.ts';

const VALID_BODIES = 25;
const MUTATED_BODIES = 1000;

/** RFC 3339, as far as bodies here go. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

const ajv = new Ajv2020({ strict: false, formats: { 'date-time': DATE_TIME } });
const api = publishedApi();

/** The published schema of an operation's bodies. */
function publishedInput({ id }: Operation): PlainSchema {
  return plain(api.operations.get(id)?.input, api.definitions);
}

/** A schema of bodies, and who judges by it. */
interface Law {
  readonly schema: PlainSchema;
  readonly allows: ValidateFunction;
}

const law = (schema: PlainSchema): Law => ({ schema, allows: ajv.compile(schema) });

/** The published law, and the same but for what is known to differ. */
function lawsOf(operation: Operation): { readonly published: Law; readonly accepted: Law } {
  const published = publishedInput(operation);
  const known = compareOperation(api, operation).filter((it) => reasonFor(it) !== undefined);
  return { published: law(published), accepted: law(acceptedSchema(published, known)) };
}

const takes = (operation: Operation, body: unknown) => operation.input.safeParse(body).success;

const here = isPublishedApiHere ? catalogue.filter(({ id }) => api.operations.has(id)) : [];
/** Theirs may hold anything, so ours knows more of it than what is published. */
const isFreeForm = (operation: Operation) => publishedInput(operation).properties === undefined;
const named = (operations: readonly Operation[]) => operations.map((it) => [it.id, it] as const);
const free = named(here.filter(isFreeForm));
const typed = named(here.filter((operation) => !isFreeForm(operation)));

describe.skipIf(!isPublishedApiHere)(`bodies by the published OpenAPI${whyNot}`, () => {
  describe.each(typed)('%s', (id, operation) => {
    let laws: ReturnType<typeof lawsOf>;
    beforeAll(() => {
      laws = lawsOf(operation);
    });

    it('has valid ones that pass our model too', () => {
      const { published, accepted } = laws;
      const random = seededRandom(id);
      let passed = 0;
      for (let tries = 0; tries < 10 * VALID_BODIES && passed < VALID_BODIES; tries += 1) {
        const body = validValue(published.schema, random);
        expect([published.allows(body), body]).toEqual([true, body]);
        // What ours is known to refuse, such as an empty id, is no case.
        if (!accepted.allows(body)) continue;
        expect([takes(operation, body), body]).toEqual([true, body]);
        passed += 1;
      }
      expect(passed).toBe(VALID_BODIES);
    });

    it('has mutated ones that are judged alike', () => {
      const { schema, allows } = laws.accepted;
      const random = seededRandom(`${id} mutated`);
      let refused = 0;
      for (let count = 0; count < MUTATED_BODIES; count += 1) {
        const body = mutatedBody(schema, random);
        const verdict = allows(body);
        if (!verdict) refused += 1;
        if (takes(operation, body) === verdict) continue;
        const why = verdict ? 'we refuse' : `they refuse (${ajv.errorsText(allows.errors)})`;
        expect.fail(`${why} ${JSON.stringify(body)}`);
      }
      // All alike would be no test.
      expect(refused).toBeGreaterThan(MUTATED_BODIES / 20);
      expect(refused).toBeLessThan(MUTATED_BODIES);
    });
  });
});

describe.skipIf(!isPublishedApiHere)(`free-form bodies${whyNot}`, () => {
  it.each(free)('%s: what our model takes, theirs does', (id, operation) => {
    const published = ajv.compile(publishedInput(operation));
    const schema = plain(zodToJsonSchema(operation.input, { $refStrategy: 'none' }), new Map());
    const random = seededRandom(id);
    let taken = 0;
    for (let count = 0; count < MUTATED_BODIES; count += 1) {
      const body = count < VALID_BODIES ? validValue(schema, random) : mutatedBody(schema, random);
      if (!takes(operation, body)) continue;
      taken += 1;
      expect([published(body), body]).toEqual([true, body]);
    }
    expect(taken).toBeGreaterThan(VALID_BODIES);
  });
});
