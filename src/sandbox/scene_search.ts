import { createHash } from 'node:crypto';
import { z } from 'zod';
import { type Bounds, boundsOf, readBounds } from './bounding_box.ts';
import { readInterval } from './datetime_interval.ts';
import { HOSTS, type Host } from './imagery_market.ts';
import { gridOf, type Scene, type SceneGrid, sceneOfId } from './made_up_scenes.ts';
import { notFound, ProblemError } from './problems.ts';

/** Where a search looks that names no area: around Sydney Harbour. */
const HOME: Bounds = [151.1, -33.95, 151.35, -33.75];

/** Most scenes looked at for one page; a page may be short though more follow. */
const MOST_LOOKED_AT = 20_000;

/** What a search of the market may ask for. */
export interface SceneQuery {
  readonly collections?: readonly string[] | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly datetime?: string | undefined;
  readonly bbox?: readonly number[] | undefined;
  readonly intersects?: unknown;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
}

/** Some hits, and the token by which the next ones are asked for. */
export interface ScenePage {
  readonly scenes: readonly Scene[];
  readonly next: string | null;
}

/** @throws ProblemError 404 */
export function hostNamed(name: string): Host {
  const host = HOSTS.find((candidate) => candidate.name === name);
  if (!host) throw notFound('Host');
  return host;
}

/**
 * One page of what a host has.
 *
 * @throws ProblemError 422 for a filter that is none, or a token of another search
 */
export function searchPage(
  host: Host,
  query: SceneQuery,
  window: { readonly limit: number; readonly next?: string | undefined; readonly now: Date },
): ScenePage {
  const purpose = purposeOf(host, query);
  const start = window.next === undefined ? 0 : readToken(window.next, purpose);
  const scenes: Scene[] = [];
  let at = start;
  for (const { scene, matches } of candidates(host, query, window.now, start)) {
    if (scenes.length === window.limit || at - start === MOST_LOOKED_AT) {
      return { scenes, next: token(at, purpose) };
    }
    at += 1;
    if (matches) scenes.push(scene);
  }
  return { scenes, next: null };
}

/**
 * All hits in order, made as they are asked for.
 *
 * @throws ProblemError 422, before the first is asked for
 */
export function searchAll(host: Host, query: SceneQuery, now: Date): Iterable<Scene> {
  return hitsOf(candidates(host, query, now, 0));
}

interface Candidate {
  readonly scene: Scene;
  readonly matches: boolean;
}

function* hitsOf(looked: Iterable<Candidate>): Generator<Scene> {
  let count = 0;
  for (const { scene, matches } of looked) {
    if (matches) yield scene;
    count += 1;
    if (count === MOST_LOOKED_AT) return;
  }
}

function candidates(host: Host, query: SceneQuery, now: Date, start: number): Iterable<Candidate> {
  const matches = matcher(query, now);
  const scenes =
    query.ids === undefined
      ? scenesOf(grids(host, query, now), start)
      : query.ids
          .flatMap((id) => sceneOfId(id, now.getTime()) ?? [])
          .filter((scene) => scene.host === host)
          .slice(start);
  return judged(scenes, matches);
}

function* judged(
  scenes: Iterable<Scene>,
  matches: (scene: Scene) => boolean,
): Generator<Candidate> {
  for (const scene of scenes) yield { scene, matches: matches(scene) };
}

function* scenesOf(grids: readonly SceneGrid[], start: number): Generator<Scene> {
  let before = 0;
  for (const grid of grids) {
    for (let index = Math.max(0, start - before); index < grid.count; index += 1) {
      yield grid.at(index);
    }
    before += grid.count;
  }
}

function grids(host: Host, query: SceneQuery, now: Date): SceneGrid[] {
  const area = query.intersects === undefined ? query.bbox : boundsOf(query.intersects);
  const bounds = area === undefined ? HOME : readBounds(area);
  const until = query.datetime === undefined ? now.getTime() : readInterval(query.datetime).to;
  return host.collections
    .filter(({ id }) => query.collections?.includes(id) ?? true)
    .map((collection) => gridOf(host, collection, bounds, Math.min(until, now.getTime())));
}

const rangeSchema = z.record(z.number().nullish());

/** Names by which the guides and the OpenAPI ask for the same property. */
const PROPERTIES: Readonly<Record<string, (scene: Scene) => number>> = {
  'eo:cloud_cover': ({ cloudCover }) => cloudCover,
  cloudCoverage: ({ cloudCover }) => cloudCover,
  cloud_cover: ({ cloudCover }) => cloudCover,
  gsd: ({ collection }) => collection.gsd,
  resolution: ({ collection }) => collection.gsd,
};

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  GT: (value, bound) => value > bound,
  GTE: (value, bound) => value >= bound,
  LT: (value, bound) => value < bound,
  LTE: (value, bound) => value <= bound,
};

function matcher(query: SceneQuery, now: Date): (scene: Scene) => boolean {
  const { from, to } = readInterval(query.datetime ?? '../..');
  const until = Math.min(to, now.getTime());
  const ranges = Object.entries(query.query ?? {}).map(([name, range]) => ranged(name, range));
  return (scene) =>
    scene.takenAt >= from && scene.takenAt <= until && ranges.every((range) => range(scene));
}

function ranged(name: string, range: unknown): (scene: Scene) => boolean {
  const property = PROPERTIES[name];
  const bounds = rangeSchema.safeParse(range);
  if (!property || !bounds.success) {
    throw new ProblemError(422, `the sandbox does not search by '${name}' as it was given`);
  }
  const tests = Object.entries(bounds.data).map(([comparison, bound]) => {
    const compare = COMPARISONS[comparison.toUpperCase()];
    if (!compare) throw new ProblemError(422, `'${comparison}' compares nothing`);
    return (value: number) => bound === null || bound === undefined || compare(value, bound);
  });
  return (scene) => tests.every((test) => test(property(scene)));
}

/** What a token is good for: the same search of the same host. */
function purposeOf(host: Host, query: SceneQuery): string {
  const { collections, ids, datetime, bbox, intersects, query: ranges } = query;
  const asked = JSON.stringify([host.name, collections, ids, datetime, bbox, intersects, ranges]);
  return createHash('sha256').update(asked).digest('base64url').slice(0, 12);
}

function token(at: number, purpose: string): string {
  return Buffer.from(`${at}.${purpose}`).toString('base64url');
}

function readToken(text: string, purpose: string): number {
  const [at, madeFor] = Buffer.from(text, 'base64url').toString('utf8').split('.');
  const start = Number(at);
  if (madeFor === purpose && Number.isSafeInteger(start) && start >= 0) return start;
  throw new ProblemError(422, 'next is no token of this search');
}
