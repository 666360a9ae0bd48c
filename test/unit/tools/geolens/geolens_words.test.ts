import { describe, expect, it } from 'vitest';
import {
  FileNotTaken,
  type FileRefusal,
  ImportFailed,
  LayerNotChosen,
  UrlWindowOver,
} from '../../../../src/connectors/geolens/geolens_errors.ts';
import { explain } from '../../../../src/tools/explain.ts';
import { previewFacts } from '../../../../src/tools/geolens/preview_facts.ts';

describe('in words', () => {
  it.each<[FileRefusal, RegExp]>([
    ['name', /too long, a path/],
    ['empty', /is empty/],
    ['vrt', /points to other files/],
    ['extension', /takes only \.csv, \.tif/],
    ['too_large', /12 B \(12 bytes\).*10 B \(10 bytes\)/],
    ['no_dataset_left', /no more datasets/],
  ])('a file that is refused as %s', (reason, what) => {
    const takes = { mostBytes: 10, extensions: ['.csv', '.tif'] };
    const explained = explain(new FileNotTaken(reason, { fileName: 'a\n.csv', bytes: 12 }, takes));
    expect(explained).toMatchObject({ code: `geolens_file_${reason}`, retryable: false });
    expect(explained.what).toMatch(what);
    expect(explained.what).toContain('Nothing was sent.');
    expect(explained.what).not.toContain('\n');
  });

  it.each([
    [3600, undefined, 'good for 1 h'],
    [undefined, undefined, 'GeoLens signs none anew'],
    [3600, 60, 'have run out'],
    [3600, 61, 'By its own clock they had 61 s left.'],
  ])('a window of %s seconds, of which %s are left', (windowSeconds, secondsLeft, words) => {
    const error = new UrlWindowOver({ windowSeconds, secondsLeft, bytesSent: 5, bytesTotal: 10 });
    const explained = explain(error);
    const isEarly = secondsLeft === 61;
    expect(explained).toMatchObject({
      code: isEarly ? 'url_refused_early' : 'url_window_over',
      retryable: !isEarly,
    });
    expect(explained.what).toContain('5 B of 10 B');
    expect(explained.what).toContain(words);
  });

  it.each([
    [undefined, /one is to be chosen: roads, rivers/],
    ['lakes', /none is called 'lakes': roads, rivers/],
  ])('layers of which %s was named', (asked, what) => {
    const explained = explain(
      new LayerNotChosen({ jobId: 'j1', layers: ['roads', 'rivers'], asked }),
    );
    expect(explained.what).toMatch(what);
    expect(explained.next).toContain('geolens_commit with job_id j1');
  });

  it.each([
    [true, 'no CRS', /no CRS\. GeoLens keeps the file/],
    [false, undefined, /no reason was given\.$/],
  ])('an import that failed (kept: %s)', (canRetry, detail, what) => {
    const error = new ImportFailed({ jobId: 'j1', status: 'failed', detail, canRetry });
    expect(explain(error).what).toMatch(what);
  });
});

describe('a preview', () => {
  it('is told without what the caller knows, and without what is not there', () => {
    const preview = { job_id: 'j', source_filename: 'a.csv', layers: null, crs: null, width: 3 };
    expect(previewFacts(preview)).toEqual({ width: 3 });
  });

  it('of many columns and rows says how many more there are', () => {
    const columns = Array.from({ length: 45 }, (_, at) => ({ name: `c${at}`, type: 'String' }));
    const sample_rows = Array.from({ length: 5 }, (_, at) => ({ at }));
    const facts = previewFacts({ columns, sample_rows });
    expect(facts['columns']).toHaveLength(41);
    expect(facts['sample_rows']).toEqual([{ at: 0 }, { at: 1 }, { at: 2 }, 'and 2 more']);
  });

  it('stays small, whatever is in the file', () => {
    const long = 'GEOGCS'.repeat(1000);
    const many = <T>(value: T) => Array.from({ length: 1000 }, () => value);
    const row = Object.fromEntries(many(0).map((_, at) => [`${at} ${long}`, many(many(long))]));
    const facts = previewFacts({ sample_rows: many(row), columns: many(row), crs_wkt: long });
    expect(facts['crs_wkt']).toBe(`${long.slice(0, 120)}…`);
    expect(facts['sample_rows']).toMatchObject([
      { [`0 ${long}`.slice(0, 120).concat('…')]: '1000 members', '…': '960 more' },
      {},
      {},
      'and 997 more',
    ]);
    expect(JSON.stringify(facts['sample_rows']).length).toBeLessThan(30_000);
  });
});
