import { z } from 'zod';
import { estimatedBy } from './estimated_by.ts';
import { id, sizedPages } from './fields.ts';
import { defineOperation, untyped } from './operation.ts';
import { dataProduct, orderedAreas, orderId, orderName, orderParams } from './order_fields.ts';

const taskingGroup = () => z.record(z.unknown());
const groupsWords = 'One record an area: where, with which sensor, and the wishes of a template.';

/** A request for a new acquisition in the provider-compatible format, to be judged and not placed. */
const request = () =>
  z
    .object({
      dataProduct: dataProduct(),
      displayName: orderName().nullish(),
      featureCollection: orderedAreas().default({}),
      params: orderParams().nullish(),
    })
    .strict();

const onlyOfProject = () => z.string().nullish().describe('Only those of this project.');

/** Feasibility studies and quotations are filtered alike. */
const decisionFilter = () =>
  z
    .object({
      id: z.string().nullish().describe('Only the one with this id.'),
      workspaceId: onlyOfProject(),
      orderId: z.string().nullish().describe('Only those of this order.'),
      decision: z.string().nullish().describe('Only those decided so, e.g. NOT_DECIDED.'),
      ...sizedPages(20),
    })
    .strict();

const taskingPrice = () =>
  z
    .object({
      groups: z.array(z.record(z.unknown())).optional(),
      errors: z.array(z.record(z.unknown())).optional(),
      totalAud: z.number().optional(),
      totalCredits: z.number().int().optional(),
    })
    .passthrough();

const sensorList = () =>
  z.object({ sensors: z.array(z.record(z.unknown())).optional() }).passthrough();

const templateList = () =>
  z.object({ templates: z.array(z.record(z.unknown())).optional() }).passthrough();

const savedTemplate = () => z.object({ id: z.string(), name: z.string() }).passthrough();

const deletedTemplate = () =>
  z.object({ template_id: z.string(), deleted: z.boolean().optional() }).passthrough();

/** Orders of imagery that is yet to be captured. */
export const ordersTasking = {
  sensors: defineOperation({
    id: 'orders.tasking.sensors',
    scope: 'orders:read',
    effect: 'read',
    summary: 'List the sensors that can be tasked, with resolution, bands and price inputs.',
    keywords:
      'satellites constellations cameras available new acquisition gsd spectral point on-demand resolve',
    input: () => z.object({}).strict(),
    output: sensorList,
  }),

  feasibilityCheck: defineOperation({
    id: 'orders.tasking.feasibility_check',
    scope: 'orders:read',
    effect: 'read',
    summary:
      'Predict, area by area, whether a tasking request needs a feasibility study. Nothing is created.',
    keywords: 'possible satellite capture new acquisition required likely realistic chance manage',
    input: request,
    output: untyped,
  }),

  opportunitiesList: defineOperation({
    id: 'orders.tasking.opportunities_list',
    scope: 'orders:read',
    effect: 'read',
    summary:
      'List predicted satellite passes over areas to be tasked. The list is empty where people judge feasibility.',
    keywords:
      'overpass flyover schedule windows next orbit acquisition upcoming times fly pass soon',
    input: request,
    output: untyped,
  }),

  estimate: defineOperation({
    id: 'orders.tasking.estimate',
    scope: 'orders:read',
    effect: 'read',
    summary:
      'Price a new acquisition over areas, in credits and Australian dollars. Nothing is ordered; orders.tasking.place takes the same groups.',
    keywords: 'cost how much quote preview fee satellite capture budget expensive fresh photo',
    input: () =>
      z.object({ groups: z.array(taskingGroup()).optional().describe(groupsWords) }).strict(),
    output: taskingPrice,
  }),

  place: defineOperation({
    id: 'orders.tasking.place',
    scope: 'orders:write',
    effect: 'external_spend',
    answerSeconds: 120,
    summary:
      'Order a new acquisition: satellites are to capture areas in the time to come. It reserves credits: price the same groups with orders.tasking.estimate first.',
    keywords:
      'request buy fresh imagery shoot collect future photo schedule photograph picture book commission point aim soon',
    estimate: estimatedBy('orders.tasking.estimate', 'groups'),
    // A free-form body that no document shows; an order consists of groups, and its estimate takes them.
    input: () =>
      z.object({ groups: z.array(taskingGroup()).min(1).describe(groupsWords) }).passthrough(),
    output: untyped,
  }),

  decisionsPending: defineOperation({
    id: 'orders.tasking.decisions.pending',
    scope: 'orders:read',
    effect: 'read',
    summary: 'List the feasibility studies and quotations that wait for a decision.',
    keywords:
      'inbox todo open outstanding approve answer undecided action needed approval decide respond',
    input: () =>
      z
        .object({
          workspaceId: onlyOfProject(),
          ...sizedPages(20),
          kinds: z.string().nullish().describe('Only these kinds, e.g. feasibility or quotation.'),
        })
        .strict(),
    output: untyped,
  }),

  feasibilityStudiesList: defineOperation({
    id: 'orders.tasking.feasibility_studies.list',
    scope: 'orders:read',
    effect: 'read',
    summary:
      'List feasibility studies of tasking orders, each with its options. orders.tasking.feasibility_decide accepts one.',
    keywords:
      'assessment proposals offers alternatives acquisition possible outcome study result feasible',
    input: decisionFilter,
    output: untyped,
  }),

  feasibilityDecide: defineOperation({
    id: 'orders.tasking.feasibility_decide',
    scope: 'orders:write',
    effect: 'external_spend',
    summary:
      'Accept an option of a feasibility study. If the option has a price, its credits are reserved or invoiced: ask the user first.',
    keywords: 'choose pick approve agree confirm proposal go ahead take select variant',
    input: () =>
      z
        .object({
          study_id: id('Feasibility study id.'),
          acceptedOptionId: id('Id of the option to accept, from the study.'),
        })
        .strict(),
    output: untyped,
  }),

  quotationsList: defineOperation({
    id: 'orders.tasking.quotations.list',
    scope: 'orders:read',
    effect: 'read',
    summary:
      'List the quotations for tasking orders with their prices. orders.tasking.quotation_decide answers one.',
    keywords: 'offers quotes bids proposals cost pending acquisition received vendor',
    input: decisionFilter,
    output: untyped,
  }),

  quotationDecide: defineOperation({
    id: 'orders.tasking.quotation_decide',
    scope: 'orders:write',
    effect: 'external_spend',
    summary:
      'Accept or reject a quotation for a tasking order. Accepting reserves its credits or is invoiced: ask the user first.',
    keywords: 'approve decline refuse turn down agree quote offer price answer yes too expensive',
    input: () =>
      z
        .object({
          quotation_id: id('Quotation id.'),
          decision: z.enum(['ACCEPTED', 'REJECTED']).describe('What is decided.'),
        })
        .strict(),
    output: untyped,
  }),

  coverageGet: defineOperation({
    id: 'orders.coverage.get',
    scope: 'orders:read',
    effect: 'read',
    summary: 'Read how much of the area of a tasking order is captured, and what is still missing.',
    keywords:
      'covered remainder percent progress footprint remaining delivered gaps photographed imaged',
    input: () => z.object({ order_id: orderId() }).strict(),
    output: untyped,
  }),

  coverageGroupsList: defineOperation({
    id: 'orders.coverage.groups.list',
    scope: 'orders:read',
    effect: 'read',
    summary: 'List, area by area, what a tasking order has delivered of what was requested.',
    keywords:
      'covered per aoi percent progress footprint breakdown each polygon site imaged field far',
    input: () => z.object({ order_id: orderId() }).strict(),
    output: untyped,
  }),

  templatesList: defineOperation({
    id: 'orders.tasking.templates.list',
    scope: 'orders:read',
    effect: 'read',
    summary: "List the organization's templates for tasking orders.",
    keywords: 'presets saved defaults reusable settings acquisition show stored reuse wishes',
    input: () => z.object({}).strict(),
    output: templateList,
  }),

  templatesSave: defineOperation({
    id: 'orders.tasking.templates.save',
    scope: 'orders:write',
    effect: 'compute',
    idempotencyKey: true,
    summary: 'Save the wishes for a new acquisition as a template of the organization.',
    keywords: 'preset store create reuse default settings remember add keep next time',
    input: () =>
      z
        .object({
          name: z.string().min(1).max(255).describe('Name of the template.'),
          description: z.string().nullish().describe('What the template is for.'),
          capture_asap: z.boolean().default(true).describe('True to capture as soon as possible.'),
          resolution: z.string().describe('Resolution wanted, as the sensor offers it.'),
          sensor: z.string().describe('Sensor, from orders.tasking.sensors.'),
          capture_frequency: z.string().describe('How often to capture.'),
          datum: z.string().describe('Datum of the delivery, e.g. WGS84.'),
          file_format: z.string().describe('File format of the delivery, e.g. GeoTIFF.'),
          has_control: z.boolean().default(false).describe('True if there is ground control.'),
          max_cloud_coverage: z
            .number()
            .int()
            .default(0)
            .describe('Most cloud allowed, in percent.'),
          max_nadir_angle: z
            .number()
            .int()
            .default(0)
            .describe('Largest angle off nadir allowed, in degrees.'),
        })
        .strict(),
    output: savedTemplate,
  }),

  templatesDelete: defineOperation({
    id: 'orders.tasking.templates.delete',
    scope: 'orders:write',
    effect: 'destructive',
    summary: 'Delete a tasking template of the organization.',
    keywords: 'remove erase drop preset saved settings stored unused',
    input: () => z.object({ template_id: id('Tasking template id.') }).strict(),
    output: deletedTemplate,
  }),
};
