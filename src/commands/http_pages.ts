import type { IncomingMessage } from 'node:http';
import type { ServerMetrics } from '../metrics/server_metrics.ts';
import {
  type ProtectedResource,
  resourceMetadata,
  resourceMetadataPaths,
} from '../transports/http/auth/resource_metadata.ts';
import { MCP_PATH, type Page, type PageAnswer } from '../transports/http/http_service.ts';

const WITHOUT_PUBLIC_URL = 'http://localhost';

export interface PagesOptions {
  readonly metrics: ServerMetrics;
  /** Why no new request should come here, if there is a reason. */
  notReady(): Promise<string | undefined>;
  /** Absent where requests bring no token. */
  readonly resource?: Omit<ProtectedResource, 'url'> | undefined;
  readonly publicUrl: string | undefined;
}

/** What is served beside the protocol. */
export function httpPages(options: PagesOptions): ReadonlyMap<string, Page> {
  const { metrics, notReady, resource, publicUrl } = options;
  const pages = new Map<string, Page>([
    ['/healthz', { forAnyHost: true, answer: async () => plain(200, 'alive') }],
    [
      '/readyz',
      {
        forAnyHost: true,
        async answer() {
          const reason = await notReady();
          return reason === undefined ? plain(200, 'ready') : plain(503, reason);
        },
      },
    ],
    [
      '/metrics',
      {
        forAnyHost: false,
        answer: async () => ({
          status: 200,
          contentType: metrics.contentType,
          body: await metrics.text(),
        }),
      },
    ],
  ]);
  if (resource === undefined) return pages;
  const metadata: Page = {
    forAnyHost: false,
    answer: async (request) => ({
      status: 200,
      contentType: 'application/json',
      body: JSON.stringify(
        resourceMetadata({ ...resource, url: publicUrl ?? urlAsAsked(request) }),
      ),
    }),
  };
  const url = publicUrl ?? `${WITHOUT_PUBLIC_URL}${MCP_PATH}`;
  for (const path of resourceMetadataPaths(url)) pages.set(path, metadata);
  return pages;
}

/** Where a request found the endpoint, by the name that the host gate let in. */
export function urlAsAsked({ headers }: IncomingMessage): string {
  return `http://${headers.host}${MCP_PATH}`;
}

function plain(status: number, words: string): PageAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${words}\n` };
}
