import { describe, expect, it } from 'vitest';
import type { ConnectorTraits } from '../../src/connectors/connector.ts';
import { geolens } from '../../src/connectors/geolens/geolens_endpoints.ts';
import { GEOLENS_TRAITS } from '../../src/connectors/geolens/geolens_upload.ts';
import { CONTRACT_TRAITS } from '../../src/connectors/opteryx/contracts/opteryx_contracts.ts';
import { opteryx } from '../../src/connectors/opteryx/opteryx_endpoints.ts';
import { SESSION_TRAITS } from '../../src/connectors/opteryx/opteryx_sessions.ts';
import { GEOPERA_TRAITS } from '../../src/workflows/upload_session.ts';

/** As the documents of the services have it, written out: part of it the code takes from the endpoints. */
const DOCUMENTED: readonly (readonly [string, ConnectorTraits, ConnectorTraits])[] = [
  [
    'Geopera',
    GEOPERA_TRAITS,
    {
      canResign: true,
      partsSelfContained: true,
      finishIdempotent: true,
      abandons: 'release',
      contentType: 'as_signed',
    },
  ],
  [
    'a session of Opteryx',
    SESSION_TRAITS,
    {
      partBase: 0,
      partsSelfContained: true,
      finishIdempotent: false,
      abandons: 'delete_parts',
      contentType: 'of_kind',
    },
  ],
  [
    'a contract of Opteryx',
    CONTRACT_TRAITS,
    {
      partsSelfContained: true,
      finishIdempotent: true,
      abandons: 'delete_contract',
      contentType: 'of_kind',
    },
  ],
  [
    'GeoLens',
    GEOLENS_TRAITS,
    {
      canResign: false,
      partBase: 1,
      partsSelfContained: false,
      finishIdempotent: false,
      abandons: 'finish_without_parts',
      contentType: 'as_signed_none_on_parts',
    },
  ],
];

const job_id = '5a3c';
const etag = '"e"';

describe('the traits of', () => {
  it.each(DOCUMENTED)('%s are as documented', (_service, traits, documented) => {
    expect(traits).toEqual(documented);
  });

  it.each([
    [
      'sessions',
      SESSION_TRAITS,
      (part: number) => opteryx.deletePart.input().safeParse({ session_id: 's', part }),
    ],
    [
      'GeoLens',
      GEOLENS_TRAITS,
      (part_number: number) =>
        geolens.completePresigned.input().safeParse({ job_id, parts: [{ etag, part_number }] }),
    ],
  ])('%s hold for the numbers that their tools take', (_service, { partBase = 0 }, numbered) => {
    expect(numbered(partBase).success).toBe(true);
    expect(numbered(partBase - 1).success).toBe(false);
  });
});
