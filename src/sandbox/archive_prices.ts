import { z } from 'zod';
import { type Bounds, boundsOf } from './bounding_box.ts';
import { CREDITS_PER_AUD } from './credits.ts';
import { type Scene, sceneOfId } from './made_up_scenes.ts';
import { ProblemError } from './problems.ts';

const KM_PER_DEGREE = 111.32;

/** Captures that are bought together. The members are our reading; the OpenAPI leaves them open. */
export interface PricedGroup {
  readonly host_name: string;
  readonly collection: string;
  /** Day of the captures, if the cart is split by it. */
  readonly date: string | null;
  readonly capture_ids: readonly string[];
  readonly area_km2: number;
  readonly aud: number;
  readonly credits: number;
}

/** What a cart costs, and what of it cannot be bought. */
export interface PricedCart {
  readonly groups: readonly PricedGroup[];
  readonly errors: readonly { readonly capture_id: string | null; readonly detail: string }[];
  readonly total_aud: number;
  readonly total_credits: number;
}

const captureSchema = z.object({ id: z.string(), geometry: z.unknown() });

/** Prices the area of each capture that is asked for, whole scenes where none is given. */
export function priceCart(
  captures: readonly unknown[],
  options: { readonly splitByDate: boolean; readonly now: Date },
): PricedCart {
  const groups = new Map<string, PricedGroup>();
  const errors = [];
  for (const capture of captures) {
    try {
      const priced = priceCapture(capture, options);
      const key = [priced.host_name, priced.collection, priced.date].join(' ');
      groups.set(key, together(groups.get(key), priced));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const named = z.object({ id: z.string() }).safeParse(capture);
      errors.push({ capture_id: named.success ? named.data.id : null, detail: error.detail });
    }
  }
  const all = [...groups.values()];
  return {
    groups: all,
    errors,
    total_aud: cents(all.reduce((total, { aud }) => total + aud, 0)),
    total_credits: all.reduce((total, { credits }) => total + credits, 0),
  };
}

/** @throws ProblemError 422 if it cannot be bought */
function priceCapture(
  capture: unknown,
  { splitByDate, now }: { readonly splitByDate: boolean; readonly now: Date },
): PricedGroup {
  const read = captureSchema.safeParse(capture);
  if (!read.success) throw new ProblemError(422, 'the capture has no id');
  const scene = sceneOfId(read.data.id, now.getTime());
  if (!scene) throw new ProblemError(422, 'no search finds this capture');
  const { geometry } = read.data;
  const bounds = geometry === undefined ? scene.bounds : boundsOf(geometry);
  return {
    host_name: scene.host.name,
    collection: scene.collection.id,
    date: splitByDate ? new Date(scene.takenAt).toISOString().slice(0, 10) : null,
    capture_ids: [scene.id],
    ...priceOf(scene.collection, bounds),
  };
}

/** @throws ProblemError 422 for imagery that is free */
export function priceOf({ audPerKm2 }: Scene['collection'], bounds: Bounds, factor = 1) {
  if (audPerKm2 === undefined) throw new ProblemError(422, 'the imagery is free: it is not sold');
  const area = squareKilometres(bounds);
  const aud = cents(Math.max(0.01, area * audPerKm2 * factor));
  const credits = Math.round(aud * CREDITS_PER_AUD);
  return { area_km2: Math.round(area * 100) / 100, aud, credits };
}

function squareKilometres([west, south, east, north]: Bounds): number {
  const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180);
  return (east - west) * KM_PER_DEGREE * shrink * (north - south) * KM_PER_DEGREE;
}

function together(earlier: PricedGroup | undefined, more: PricedGroup): PricedGroup {
  if (!earlier) return more;
  return {
    ...earlier,
    capture_ids: [...earlier.capture_ids, ...more.capture_ids],
    area_km2: Math.round((earlier.area_km2 + more.area_km2) * 100) / 100,
    aud: cents(earlier.aud + more.aud),
    credits: earlier.credits + more.credits,
  };
}

function cents(aud: number): number {
  return Math.round(aud * 100) / 100;
}
