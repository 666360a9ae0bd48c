import { z } from 'zod';
import type { AttackedServer } from './attacked_server.ts';

/** Tools whose answers are signed links: there alone one may stand. */
const LINK_TOOLS = new Set([
  'uploads_signed_url',
  'items_asset_download',
  'clip_job_download',
  'clip_job_downloads',
  'create_upload_link',
]);

const messageSchema = z
  .object({
    id: z.unknown(),
    result: z.record(z.unknown()).optional(),
    error: z.object({ code: z.number(), message: z.string() }).passthrough().optional(),
  })
  .passthrough();

const toolResult = z.object({
  isError: z.boolean().default(false),
  content: z.array(z.object({ type: z.string(), text: z.string().default('') }).passthrough()),
  structuredContent: z.record(z.unknown()).default({}),
  _meta: z.object({ 'geopera/error': z.object({ code: z.string() }).passthrough() }).optional(),
});

export type Message = z.output<typeof messageSchema>;

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** What came, as JSON or as events. */
  readonly messages: readonly Message[];
}

export interface ToolResult {
  readonly isError: boolean;
  readonly text: string;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly errorCode: string | undefined;
}

export interface PostOptions {
  readonly token?: string;
  readonly session?: string | undefined;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A signed link may stand in the answer. */
  readonly mayHoldLinks?: boolean;
  readonly signal?: AbortSignal;
}

export const INITIALIZE = {
  jsonrpc: '2.0',
  id: 'init',
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'attacker', version: '1.0.0' },
  },
};

/** Headers of a request as a good client sends it. */
export function usualHeaders(token?: string, session?: string): Record<string, string> {
  return {
    'Content-Type': 'application/json',
    Accept: 'application/json, text/event-stream',
    'Mcp-Protocol-Version': '2025-11-25',
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    ...(session === undefined ? {} : { 'Mcp-Session-Id': session }),
  };
}

/** Sends a message and reads the whole answer. */
export async function post(
  server: AttackedServer,
  body: unknown,
  { token, session, method = 'POST', headers, mayHoldLinks, signal }: PostOptions = {},
): Promise<HttpAnswer> {
  const response = await fetch(server.url, {
    method,
    headers: { ...usualHeaders(token, session), ...headers },
    ...(method === 'POST' ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  server.hear(`${JSON.stringify([...response.headers])}\n${text}`, mayHoldLinks);
  const { status, headers: answered } = response;
  return { status, headers: answered, text, messages: messagesIn(text) };
}

/** A client of one principal with a session of its own. */
export class McpCaller {
  readonly server: AttackedServer;
  readonly token: string;
  readonly session: string;
  #id = 0;

  private constructor(server: AttackedServer, token: string, session: string) {
    this.server = server;
    this.token = token;
    this.session = session;
  }

  static async open(server: AttackedServer, token = server.issueToken()): Promise<McpCaller> {
    const { headers, status } = await post(server, INITIALIZE, { token });
    const session = headers.get('mcp-session-id');
    if (session === null) throw new Error(`no session was opened: ${status}`);
    const caller = new McpCaller(server, token, session);
    await caller.post({ jsonrpc: '2.0', method: 'notifications/initialized' });
    return caller;
  }

  post(body: unknown, options: PostOptions = {}): Promise<HttpAnswer> {
    return post(this.server, body, { token: this.token, session: this.session, ...options });
  }

  /** The response to one request. */
  async request(method: string, params: object = {}, options: PostOptions = {}): Promise<Message> {
    this.#id += 1;
    const id = this.#id;
    const { messages, text } = await this.post({ jsonrpc: '2.0', id, method, params }, options);
    const answer = messages.find((message) => message.id === id);
    if (answer === undefined) throw new Error(`no answer to ${method}: ${text.slice(0, 200)}`);
    return answer;
  }

  async call(name: string, args: object = {}): Promise<ToolResult> {
    const mayHoldLinks = LINK_TOOLS.has(name);
    const answer = await this.request('tools/call', { name, arguments: args }, { mayHoldLinks });
    if (answer.error !== undefined) {
      const { code, message } = answer.error;
      return { isError: true, text: message, facts: {}, errorCode: String(code) };
    }
    const { isError, content, structuredContent, _meta } = toolResult.parse(answer.result);
    return {
      isError,
      text: content.map(({ text }) => text).join('\n'),
      facts: structuredContent,
      errorCode: _meta?.['geopera/error'].code,
    };
  }

  /** True if the session still answers as it should. */
  async isWell(): Promise<boolean> {
    const { isError } = await this.call('items_list', {
      project_id: this.server.sandbox.projectId,
    });
    return !isError;
  }
}

function messagesIn(text: string): Message[] {
  const documents = text.trimStart().startsWith('{')
    ? [text]
    : text.split('\n').flatMap((line) => (/^data: ./.test(line) ? [line.slice(6)] : []));
  return documents.flatMap((document) => {
    const parsed = messageSchema.safeParse(JSON.parse(document));
    return parsed.success ? [parsed.data] : [];
  });
}
