import { describe, expect, it } from 'vitest';
import { createServerMetrics, type ServerMetrics } from '../../../src/metrics/server_metrics.ts';
import { figure } from './figures.ts';

let openSessions = 0;

function metricsOf(): ServerMetrics {
  return createServerMetrics({
    tools: ['items_list', 'upload_local_file'],
    routes: ['/mcp'],
    openSessions: () => openSessions,
  });
}

describe('what is told is counted', () => {
  it.each<[string, (metrics: ServerMetrics) => void, string, number]>([
    [
      'a call by tool and outcome',
      (metrics) => metrics.callStarted('items_list')('ok'),
      'geopera_mcp_calls_total{tool="items_list",outcome="ok"}',
      1,
    ],
    [
      'a call that failed, by its code',
      (metrics) => metrics.callStarted('items_list')('not_found'),
      'geopera_mcp_calls_total{tool="items_list",outcome="not_found"}',
      1,
    ],
    [
      'a tool that there is not, as another',
      (metrics) => metrics.callStarted('made_up"} 1\n')('invalid_arguments'),
      'geopera_mcp_calls_total{tool="other",outcome="invalid_arguments"}',
      1,
    ],
    [
      'an outcome that is no code, as another',
      (metrics) => metrics.callStarted('items_list')('Words of others'),
      'geopera_mcp_calls_total{tool="items_list",outcome="other"}',
      1,
    ],
    [
      'how long a call took',
      (metrics) => metrics.callStarted('items_list')('ok'),
      'geopera_mcp_call_seconds_count{tool="items_list"}',
      1,
    ],
    [
      'a running call',
      (metrics) => metrics.callStarted('items_list'),
      'geopera_mcp_calls_running',
      1,
    ],
    [
      'no call that has ended as running',
      (metrics) => metrics.callStarted('items_list')('ok'),
      'geopera_mcp_calls_running',
      0,
    ],
    [
      'a request by route and status',
      (metrics) => metrics.requestAnswered('/mcp', 200),
      'geopera_mcp_http_requests_total{route="/mcp",status="200"}',
      1,
    ],
    [
      'a path that there is not, as another',
      (metrics) => metrics.requestAnswered('/wp-login.php', 404),
      'geopera_mcp_http_requests_total{route="other",status="404"}',
      1,
    ],
    [
      'a refusal',
      (metrics) => metrics.requestRefused('host'),
      'geopera_mcp_http_refused_total{reason="host"}',
      1,
    ],
    [
      'a running transfer',
      ({ transfers }) => transfers.started('upload'),
      'geopera_mcp_transfers_running{kind="upload"}',
      1,
    ],
    [
      'a transfer that ended',
      ({ transfers }) => {
        transfers.started('download');
        transfers.ended('download', 'cancelled');
      },
      'geopera_mcp_transfers_total{kind="download",state="cancelled"}',
      1,
    ],
    [
      'no transfer that has ended as running',
      ({ transfers }) => {
        transfers.started('download');
        transfers.ended('download', 'completed');
      },
      'geopera_mcp_transfers_running{kind="download"}',
      0,
    ],
    [
      'bytes of downloads as coming in',
      ({ transfers }) => {
        transfers.moved('download', 3);
        transfers.moved('download', 4);
      },
      'geopera_mcp_transfer_bytes_total{direction="in"}',
      7,
    ],
    [
      'bytes of uploads as going out',
      ({ transfers }) => transfers.moved('upload', 5),
      'geopera_mcp_transfer_bytes_total{direction="out"}',
      5,
    ],
  ])('%s', async (_what, tell, series, value) => {
    const metrics = metricsOf();
    tell(metrics);
    expect(figure(await metrics.text(), series)).toBe(value);
  });

  it('sessions when figures are asked for', async () => {
    const metrics = metricsOf();
    const seen: number[] = [];
    for (openSessions of [2, 5]) {
      seen.push(figure(await metrics.text(), 'geopera_mcp_sessions_open'));
    }
    expect(seen).toEqual([2, 5]);
  });
});

it('each server has its own figures, and those of its process', async () => {
  const [one, other] = [metricsOf(), metricsOf()];
  one.requestRefused('host');
  const text = await other.text();
  expect(figure(text, 'geopera_mcp_http_refused_total{reason="host"}')).toBe(0);
  expect(figure(text, 'process_resident_memory_bytes')).toBeGreaterThan(0);
  expect(other.contentType).toMatch(/^text\/plain; version=0\.0\.4/);
});
