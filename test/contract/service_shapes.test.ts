import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../src/connectors/endpoint.ts';
import { geolens } from '../../src/connectors/geolens/geolens_endpoints.ts';
import { contracts } from '../../src/connectors/opteryx/contracts/contract_endpoints.ts';
import { opteryx } from '../../src/connectors/opteryx/opteryx_endpoints.ts';

/** What the services have published of one request: the old names of it, kept here so that ours do not drift. */
interface Published {
  /** `METHOD /path`, with the ids of the example. */
  readonly request: string;
  /** Members that its body may have. */
  readonly members?: readonly string[];
  /** Of these, what it must have. */
  readonly required?: readonly string[];
  /** All that an answer must hold, and no more. */
  readonly least: unknown;
  readonly example: object;
}

const SESSION = '20260821120000-a1b2';
const JOB = '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0';
const TARGET = { workspace: 'acme', collection: 'port', dataset: 'ships' };
const CONTRACT = 'ct_0123abcd';

/** Opteryx: its upload API as of the description with /health, and of contracts. GeoLens: its OpenAPI of 1.14.2. */
const PUBLISHED: readonly (readonly [Endpoint, Published])[] = [
  [opteryx.health, { request: 'GET /health', least: {}, example: {} }],
  [
    opteryx.startSession,
    {
      request: 'POST /v1/upload/session',
      members: ['target'],
      least: { session_id: SESSION, url: 'https://x.example', expires_at: '2026-08-21T18:00:00Z' },
      example: TARGET,
    },
  ],
  [
    opteryx.deletePart,
    {
      request: `DELETE /v1/upload/${SESSION}/part/7`,
      least: {},
      example: { session_id: SESSION, part: 7 },
    },
  ],
  [
    opteryx.inspectSession,
    {
      request: `GET /v1/upload/${SESSION}/inspect`,
      least: { rows_estimate: null, schema: {} },
      example: { session_id: SESSION },
    },
  ],
  [
    opteryx.commitSession,
    {
      request: `POST /v1/upload/${SESSION}/commit`,
      members: ['target', 'snapshot_message', 'conflict_resolution'],
      required: ['target'],
      least: { table: 'acme.port.ships', commit_id: 'c', rows_written: null, files_created: 1 },
      example: { session_id: SESSION, ...TARGET, snapshot_message: 'first' },
    },
  ],
  [
    contracts.get,
    {
      request: `GET /v2/contracts/${CONTRACT}`,
      least: { contract_id: CONTRACT, state: 'proposed' },
      example: { contract_id: CONTRACT },
    },
  ],
  [
    contracts.amend,
    {
      request: `PATCH /v2/contracts/${CONTRACT}`,
      members: ['columns', 'ignore'],
      least: { contract_id: CONTRACT, state: 'proposed' },
      example: { contract_id: CONTRACT, columns: [{ name: 'id', type: 'INT64' }], ignore: ['x'] },
    },
  ],
  [
    contracts.accept,
    {
      request: `PUT /v2/contracts/${CONTRACT}/accept`,
      members: ['schema_fingerprint'],
      least: { contract_id: CONTRACT, state: 'accepted' },
      example: { contract_id: CONTRACT, schema_fingerprint: 'f' },
    },
  ],
  [
    contracts.commit,
    {
      request: `POST /v2/contracts/${CONTRACT}/commit`,
      members: ['message'],
      least: { contract_id: CONTRACT, state: 'committed' },
      example: { contract_id: CONTRACT },
    },
  ],
  [
    contracts.abandon,
    {
      request: `DELETE /v2/contracts/${CONTRACT}`,
      least: undefined,
      example: { contract_id: CONTRACT },
    },
  ],
  [
    geolens.uploadConfig,
    {
      request: 'GET /ingest/upload/config',
      least: {
        presigned_uploads: true,
        presigned_threshold_bytes: 1,
        max_file_size_bytes: 2,
        allowed_extensions: '.tif',
        remaining_dataset_quota: null,
      },
      example: {},
    },
  ],
  [
    geolens.requestPresigned,
    {
      request: 'POST /ingest/upload/presigned',
      members: ['filename', 'file_size', 'content_type'],
      required: ['filename', 'file_size'],
      least: {
        job_id: JOB,
        urls: ['https://s3.example/x'],
        s3_key: 'k',
        upload_id: null,
        part_size: null,
      },
      example: { filename: 'a.tif', file_size: 1 },
    },
  ],
  [
    geolens.completePresigned,
    {
      request: `POST /ingest/upload/presigned/${JOB}/complete`,
      members: ['parts'],
      least: { job_id: JOB, message: 'done' },
      example: { job_id: JOB, parts: [{ etag: '"e"', part_number: 1 }] },
    },
  ],
  [
    geolens.preview,
    {
      request: `POST /ingest/preview/${JOB}?layer_name=a%20b`,
      least: { job_id: JOB, source_filename: 'a.gpkg', columns: [], crs: null, sample_rows: [] },
      example: { job_id: JOB, layer_name: 'a b' },
    },
  ],
  [
    geolens.commit,
    {
      request: `POST /ingest/commit/${JOB}`,
      members: [
        'title',
        'summary',
        'visibility',
        'temporal_start',
        'temporal_end',
        'srid_override',
        'layer_name',
        'x_column',
        'y_column',
        'geom_column',
        'compression',
        'resampling',
        'nodata_override',
      ],
      required: ['title'],
      least: { job_id: JOB, message: 'queued' },
      example: { job_id: JOB, title: 'Harbour', srid_override: 4326 },
    },
  ],
  [
    geolens.jobStatus,
    {
      request: `GET /jobs/${JOB}`,
      least: { id: JOB, status: 'pending' },
      example: { job_id: JOB },
    },
  ],
];

describe.each(
  PUBLISHED.map(([endpoint, published]) => [endpoint.id, endpoint, published] as const),
)('%s', (_id, endpoint, { request: wanted, members = [], required = [], least, example }) => {
  const request = () => endpoint.request(endpoint.input().parse(example));

  it('is asked for as published', () => {
    const { method, path, json } = request();
    expect(`${method} ${path}`).toBe(wanted);
    const sent = Object.keys(typeof json === 'object' && json !== null ? json : {});
    expect(members).toEqual(expect.arrayContaining(sent));
    expect(sent).toEqual(expect.arrayContaining([...required]));
  });

  it('takes the least that an answer may hold, and lets more of it through', () => {
    const { output } = endpoint;
    expect(output().safeParse(least).success).toBe(true);
    if (least === undefined) return;
    const more = { ...(typeof least === 'object' ? least : {}), brand_new: { a: [1] } };
    expect(output().parse(more)).toMatchObject({ brand_new: { a: [1] } });
  });

  it('takes no id that would lead elsewhere', () => {
    for (const id of ['../../token', 'a/b', 'a?x=1', '', 'a#b', '%2e%2e']) {
      for (const name of Object.keys(example).filter((it) => it.endsWith('_id'))) {
        const parsed = endpoint.input().safeParse({ ...example, [name]: id });
        const path = parsed.success ? endpoint.request(parsed.data).path : undefined;
        expect(path === undefined || path.split('/').length === wanted.split('/').length).toBe(
          true,
        );
        expect(path ?? '').not.toMatch(/\.\.|#|\?x=/);
      }
    }
  });
});
