import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  type CallToolResult,
  CallToolResultSchema,
  ElicitRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { newCollection, prepared } from '../integration/consent_acts.ts';
import { dumpRedis } from '../integration/redis/redis_dump.ts';
import { needsRedis, type RedisServer, startRedis } from '../integration/redis/redis_server.ts';
import { upload } from '../integration/sandbox/sandbox_fixture.ts';
import { type AttackedServer, attackedServer } from './attacked_server.ts';
import { attack } from './figures.ts';

const PASSWORD = 'SECRET-of-the-link';
const YES = { action: 'accept', content: { approve: true } } as const;

type Elicited = (question: string) => typeof YES | Promise<typeof YES>;

/** Where a secret is made or handed out, and which member of the answer it is. */
interface Maker {
  readonly tool: string;
  readonly operation: string;
  readonly member: string;
  arguments(at: { readonly itemId: string; readonly collectionId: string }): object;
}

const MAKERS: readonly Maker[] = [
  {
    tool: 'call_write_operation',
    operation: 'api_keys.create',
    member: 'key',
    arguments: () => ({ name: 'nightly', permissions: ['items:read'] }),
  },
  {
    tool: 'call_write_operation',
    operation: 'share.link.create',
    member: 'token',
    arguments: ({ collectionId }) => ({
      target_type: 'collection',
      target_id: collectionId,
      password: PASSWORD,
      expires_at: '2100-01-31T00:00:00Z',
    }),
  },
  {
    tool: 'call_write_operation',
    operation: 'items.asset.download',
    member: 'url',
    arguments: ({ itemId }) => ({ item_id: itemId, asset_id: 'data' }),
  },
];

const KINDS: readonly (readonly [string, object])[] = [
  ['with sessions', {}],
  ['without sessions', { stateless: true }],
  ...(needsRedis === '' ? [['that share a Redis', { redis: true }] as const] : []),
];

describe.each(KINDS)(
  `secrets that answers hold, of servers %s`,
  (_, { redis: isShared, ...kind }: { redis?: boolean }) => {
    let redis: RedisServer | undefined;
    let server: AttackedServer;
    let at: { itemId: string; collectionId: string };

    beforeAll(async () => {
      redis = isShared ? await startRedis() : undefined;
      server = await attackedServer({
        config: {
          confirm: 'auto',
          toolsets: undefined,
          ...kind,
          ...(redis && { redis: redis.url }),
        },
      });
      const { itemId } = await upload(server.sandbox, Buffer.from('no raster'), {
        name: 'scene.bin',
        contentType: 'application/octet-stream',
        asset_key: 'data',
      });
      at = { itemId, collectionId: await newCollection(server.sandbox) };
      server.addSecret(PASSWORD);
    });

    afterAll(async () => {
      // Searches the log, the figures and the answers that were heard.
      await server.close();
      await redis?.close();
    });

    async function connect(elicited?: Elicited) {
      const client = new Client(
        { name: 'test', version: '1.0.0' },
        elicited ? { capabilities: { elicitation: {} } } : {},
      );
      if (elicited) {
        client.setRequestHandler(ElicitRequestSchema, ({ params }) => elicited(params.message));
      }
      const headers = { Authorization: `Bearer ${server.sandbox.token}` };
      await client.connect(
        new StreamableHTTPClientTransport(new URL(server.url), { requestInit: { headers } }),
      );
      onTestFinished(() => client.close());
      return async (name: string, args: object) =>
        CallToolResultSchema.parse(await client.callTool({ name, arguments: { ...args } }));
    }

    /** The secret of an answer, which from now on may stand nowhere else. */
    function secretOf(answer: CallToolResult, member: string): string {
      const secret = z.string().min(16).parse(answer.structuredContent?.[member]);
      server.addSecret(secret);
      // Nor a part of it.
      server.addSecret(secret.slice(-16));
      return secret;
    }

    describe.each(MAKERS)(
      'of $operation',
      ({ tool, operation, member, arguments: argumentsAt }) => {
        /** Makes one, in as many steps as it takes. */
        async function make(elicited?: Elicited) {
          const call = await connect(elicited);
          const args = { operation, arguments: argumentsAt(at) };
          const first = await call(tool, args);
          const asked = prepared.safeParse(first.structuredContent);
          if (!asked.success) return { answer: first };
          const { confirmation } = asked.data;
          expect(confirmation).not.toContain(PASSWORD);
          return { confirmation, answer: await call(tool, { ...args, confirmation }) };
        }

        it.each<[string, Elicited | undefined]>([
          ['in two steps', undefined],
          ['by the client', () => YES],
        ])('stand in the answer, marked, where they were confirmed %s', (_how, elicited) =>
          attack(async () => {
            const { answer, confirmation } = await make(elicited);
            expect(answer.isError, JSON.stringify(answer.content)).not.toBe(true);
            const secret = secretOf(answer, member);
            expect(answer._meta?.['geopera/secrets']).toContain(member);
            const warnings = answer.content.flatMap((it) =>
              it.type === 'text' && it.text.startsWith('Secret') ? [it.text] : [],
            );
            expect(warnings).toEqual([expect.stringContaining(member)]);
            expect(warnings[0]).not.toContain(secret);
            expect(confirmation ?? '').not.toContain(secret);
          }),
        );

        it('stand in no error, not even where the API repeats them', () =>
          attack(async () => {
            const { answer } = await make();
            const secret = secretOf(answer, member);
            const link = 'https://storage.example/o?X-Goog-Signature=0123456789abcdef';
            // What has no form to be known by, such as a share token, is not known for a secret.
            const said = member === 'token' ? link : `${secret} ${link}`;
            for (const status of [409, 422]) {
              const body = { detail: said, title: said };
              server.sandbox.inject({ on: operation, do: { status, body } });
              const { answer: failed } = await make();
              expect(failed.isError).toBe(true);
              server.hear(JSON.stringify(failed));
            }
          }));
      },
    );

    it('stand in no list of what there is', () =>
      attack(async () => {
        const call = await connect();
        const listed = await call('call_read_operation', { operation: 'api_keys.list' });
        expect(listed.isError).not.toBe(true);
        // Of a key the API itself shows how it begins.
        server.hear(JSON.stringify(listed).replaceAll(/gpra_[\w-]{13}(?![\w-])/g, ''));
      }));

    it('stand in no log where a client repeats what it was asked', () =>
      attack(async () => {
        const share = MAKERS.find(({ operation }) => operation === 'share.link.create');
        if (share === undefined) throw new Error('no such maker');
        const asked: string[] = [];
        const call = await connect((question) => {
          asked.push(question);
          throw new Error(`cannot show: ${question}`);
        });
        const { tool, operation } = share;
        const answer = await call(tool, { operation, arguments: share.arguments(at) });
        const isStateless = 'stateless' in kind;
        expect(asked).toHaveLength(isStateless ? 0 : 1);
        if (!isStateless) {
          expect(asked[0]).toContain(PASSWORD);
          server.hear(JSON.stringify(answer));
        }
      }));

    it.runIf(isShared)('stand in no key of Redis in the clear', () =>
      attack(async () => {
        if (redis === undefined) throw new Error('there is no Redis');
        const held = await dumpRedis(redis);
        expect(held).toContain('geopera-mcp:');
        server.hear(held);
      }),
    );
  },
);
