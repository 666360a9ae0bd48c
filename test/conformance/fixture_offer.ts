import type { Offer } from '../../src/offer.ts';
import { fixturePrompts } from './fixture_prompts.ts';
import { fixtureResources } from './fixture_resources.ts';
import { fixtureTools } from './fixture_tools.ts';

/** What the conformance suites want to find on a server, by the names and words that they give. */
export const fixtureOffer: Offer = {
  tools: fixtureTools,
  resources: fixtureResources,
  prompts: fixturePrompts,
};
