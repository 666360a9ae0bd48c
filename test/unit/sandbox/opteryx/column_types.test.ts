import { describe, expect, it } from 'vitest';
import type { Cell } from '../../../../src/sandbox/opteryx/tables/cells.ts';
import {
  arrivalType,
  isCastable,
  widerType,
} from '../../../../src/sandbox/opteryx/tables/column_types.ts';

describe('a value', () => {
  it.each<[Cell, string | undefined, string | undefined]>([
    [null, undefined, undefined],
    ['', undefined, 'VARCHAR'],
    ['1', 'INT64', 'VARCHAR'],
    ['1.5', 'FLOAT64', 'VARCHAR'],
    ['true', 'BOOLEAN', 'VARCHAR'],
    ['2026-01-01', 'VARCHAR', 'VARCHAR'],
    [1, 'INT64', 'INT64'],
    [1.5, 'FLOAT64', 'FLOAT64'],
    [true, 'BOOLEAN', 'BOOLEAN'],
  ])('%j arrives as %s in a CSV, as %s in NDJSON', (cell, inCsv, inNdjson) => {
    expect([arrivalType(cell, true), arrivalType(cell, false)]).toEqual([inCsv, inNdjson]);
  });

  it.each<[Cell, string, boolean]>([
    [null, 'INT64', true],
    ['', 'IPV4', true],
    ['9223372036854775807', 'INT64', true],
    ['9223372036854775808', 'INT64', false],
    ['-9223372036854775808', 'BIGINT', true],
    [1.5, 'INT64', false],
    ['1e3', 'DOUBLE', true],
    ['x', 'FLOAT64', false],
    ['TRUE', 'BOOL', true],
    ['yes', 'BOOLEAN', false],
    ['2026-02-30T00:00:00Z', 'TIMESTAMP[us]', false],
    ['2026-08-01T05:10:00+01:00', 'TIMESTAMP[us]', true],
    ['2026-08-01 05:10', 'TIMESTAMP', true],
    ['yesterday', 'TIMESTAMP', false],
    ['2026-08-01', 'DATE', true],
    ['2026-13-01', 'DATE', false],
    ['10.4.19.7', 'IPV4', true],
    ['10.4.19.256', 'IPV4', false],
    [1, 'VARCHAR', true],
    ['anything', 'BLOB', true],
  ])('%j as %s: %s', (cell, type, fits) => {
    expect(isCastable(cell, type)).toBe(fits);
  });

  it.each([
    [undefined, undefined, 'VARCHAR'],
    [undefined, 'INT64', 'INT64'],
    ['INT64', 'INT64', 'INT64'],
    ['INT64', 'FLOAT64', 'FLOAT64'],
    ['INT64', 'BOOLEAN', 'VARCHAR'],
  ])('of %s beside one of %s is of %s', (one, other, wider) => {
    expect([widerType(one, other), widerType(other, one)]).toEqual([wider, wider]);
  });
});
