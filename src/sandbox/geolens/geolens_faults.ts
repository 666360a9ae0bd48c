import { z } from 'zod';
import { exchangeFaults, faultSchemaOf } from '../fault_queue.ts';
import { storageFaultSchema } from '../s3/s3_face.ts';

const exchange = [
  exchangeFaults.status,
  exchangeFaults.cut,
  exchangeFaults.stall,
  exchangeFaults.loseAnswer,
] as const;

/** What can go wrong with any request; `body` of a status is the `detail` of the Problem. */
const plainSchema = z.union([...exchange]);

const completeSchema = z.union([
  ...exchange,
  /** The parts are assembled, then the copy fails: 502, and the same call again works. */
  z.object({ freeze_fails: z.literal(true) }).strict(),
  /** The parts cannot be assembled: 502, the upload is aborted and never to be completed. */
  z.object({ assembly_fails: z.literal(true) }).strict(),
]);

/** The worker fails with this message: at this look, or at the end of what was committed. */
const jobFails = z.object({ job_fails: z.string().min(1) }).strict();

const commitSchema = z.union([
  ...exchange,
  jobFails,
  /** The job cannot be queued: 503, the job has failed and its bytes are removed. */
  z.object({ queue_down: z.literal(true) }).strict(),
]);

/** What can be struck, and by what: a fault that would do nothing is refused. */
export const geolensFaultSchema = z.union([
  faultSchemaOf(z.enum(['config', 'presigned', 'upload', 'preview']), plainSchema),
  faultSchemaOf(z.literal('complete'), completeSchema),
  faultSchemaOf(z.literal('commit'), commitSchema),
  faultSchemaOf(z.literal('job'), z.union([...exchange, jobFails])),
  /** One name for a single PUT and for parts. */
  faultSchemaOf(z.literal('storage.put'), storageFaultSchema),
]);

export type GeolensFault = z.input<typeof geolensFaultSchema>;
export type GeolensFaultAction = z.output<typeof geolensFaultSchema>['do'];
/** The part of a fault that any exchange knows how to act out. */
export type ExchangeFault = z.output<typeof plainSchema>;

/** What of a fault the delivery of an answer acts out. */
export function exchangeFault(fault: GeolensFaultAction | undefined): ExchangeFault | undefined {
  const parsed = plainSchema.safeParse(fault);
  return parsed.success ? parsed.data : undefined;
}

/** The same as a fault of the storage, which has some of its own. */
export function storageFault(fault: GeolensFaultAction | undefined) {
  const parsed = storageFaultSchema.safeParse(fault);
  return parsed.success ? parsed.data : undefined;
}
