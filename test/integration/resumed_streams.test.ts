import { once } from 'node:events';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  callOf,
  GRACE_MS,
  type HeldCallServer,
  initialize,
  openStream,
  PACE,
  serveHeldCalls,
} from './resumable_server.ts';

const answered = (id: number, text: string) =>
  expect.objectContaining({ id, result: { content: [{ type: 'text', text }] } });
const told = (name: string, progress: number) =>
  expect.objectContaining({ params: { progressToken: name, progress } });
const hasId = (text: string) => /^id: .+\n(?:.*\n)*\n/m.test(text);

describe('a stream over HTTP', () => {
  let server: HeldCallServer;

  beforeEach(async () => {
    server = await serveHeldCalls();
  });

  afterEach(() => server.close());

  /** Begins a call, and waits until its client has an id to come back with. */
  async function begin(id = 1) {
    const stream = await openStream(server, { body: callOf(id) });
    const calls = await server.calls(id);
    const call = calls[id - 1];
    if (call === undefined) throw new Error('the call does not run');
    await stream.until(hasId);
    return { stream, call };
  }

  /** Cuts a connection, and waits until the server has seen it. */
  async function cut(stream: Awaited<ReturnType<typeof begin>>['stream']) {
    const response = server.response();
    const closed = response && once(response, 'close');
    stream.cut();
    await closed;
  }

  describe('with a client of its own', () => {
    beforeEach(() => initialize(server));

    it('goes on where the connection was lost, live, to its end', async () => {
      const { stream, call } = await begin();
      await call.tell(1);
      await stream.until((text) => text.includes('"progress":1'));
      await cut(stream);
      await call.tell(2);
      const resumed = await openStream(server, { lastEventId: stream.lastEventId });
      await resumed.until((text) => text.includes('"progress":2'));
      await call.tell(3);
      call.answer('done');
      await resumed.ended;
      expect(resumed.text).toMatch(new RegExp(`^retry: ${PACE.retryMs}\n\n`));
      expect(resumed.messages).toEqual([told('call 1', 2), told('call 1', 3), answered(1, 'done')]);
      await server.clock.pass(GRACE_MS);
      expect(call.left.aborted).toBe(false);
    });

    it('is followed by who comes back before the old connection is seen to be lost', async () => {
      const { stream, call } = await begin();
      const resumed = await openStream(server, { lastEventId: stream.lastEventId });
      await call.tell(1);
      await resumed.until((text) => text.includes('"progress":1'));
      call.answer('done');
      await Promise.all([resumed.ended, stream.ended]);
      expect(resumed.messages).toEqual(stream.messages);
    });

    it('tells a call that its client is gone once that had its time to come back', async () => {
      const { stream, call } = await begin();
      await cut(stream);
      await server.clock.pass(GRACE_MS - 1);
      expect(call.left.aborted).toBe(false);
      await server.clock.pass(1);
      expect(call.left.aborted).toBe(true);
      call.answer('what is left');
      const resumed = await openStream(server, { lastEventId: stream.lastEventId });
      await resumed.ended;
      expect(resumed.messages).toEqual([answered(1, 'what is left')]);
    });

    it('tells so at once where the client has no id to come back with', async () => {
      const opened = openStream(server, { body: callOf(1), version: '2025-06-18' });
      const [[call], stream] = await Promise.all([server.calls(1), opened]);
      expect(stream.text).toBe('');
      const response = server.response();
      const closed = response && once(response, 'close');
      stream.cut();
      await closed;
      expect(call?.left.aborted).toBe(true);
      call?.answer('to nobody');
    });

    it('that the server closed is not lost', async () => {
      const { stream, call } = await begin();
      call.closeStream();
      await stream.ended;
      await server.clock.pass(10 * GRACE_MS);
      expect(call.left.aborted).toBe(false);
      const resumed = await openStream(server, { lastEventId: stream.lastEventId });
      call.answer('done');
      await resumed.ended;
      expect(resumed.messages).toEqual([answered(1, 'done')]);
    });

    it('is no more for who had all of it', async () => {
      const { stream, call } = await begin();
      call.answer('done');
      await stream.ended;
      expect(await openStream(server, { lastEventId: stream.lastEventId })).toMatchObject({
        status: 204,
      });
    });

    it('is refused to who names none', async () => {
      expect(await openStream(server, { lastEventId: 'nonsense' })).toMatchObject({ status: 410 });
    });

    it('holds a batch until each of its requests is answered', async () => {
      const body = [callOf(1), callOf(2)];
      const stream = await openStream(server, { body, version: '2025-03-26' });
      const [one, two] = await server.calls(2);
      await one?.tell(1);
      await stream.until(hasId);
      await cut(stream);
      two?.answer('two');
      const resumed = await openStream(server, { lastEventId: stream.lastEventId });
      await resumed.until((text) => text.includes('"text":"two"'));
      one?.answer('one');
      await resumed.ended;
      expect(resumed.messages).toEqual([answered(2, 'two'), answered(1, 'one')]);
    });

    it('knows its own requests also where it is told of by another call', async () => {
      const { call: first } = await begin(1);
      const second = await openStream(server, { body: callOf(2), version: '2025-06-18' });
      const [, call] = await server.calls(2);
      await first.within(() => call?.tell(1) ?? Promise.reject(new Error('no call')));
      await second.until(hasId);
      await cut(second);
      first.answer('one');
      call?.answer('two');
      const resumed = await openStream(server, { lastEventId: second.lastEventId });
      await resumed.ended;
      expect(resumed.messages).toEqual([answered(2, 'two')]);
    });

    it('for what belongs to no call goes on until the client leaves', async () => {
      const stream = await openStream(server);
      const log = (data: string) => server.mcp.sendLoggingMessage({ level: 'info', data });
      await log('one');
      await stream.until(hasId);
      await cut(stream);
      await log('two');
      const resumed = await openStream(server, { lastEventId: stream.lastEventId });
      await resumed.until((text) => text.includes('two'));
      await log('three');
      await resumed.until((text) => text.includes('three'));
      const response = server.response();
      expect(response?.writableEnded).toBe(false);
      await cut(resumed);
    });

    it('is kept alive by comments while nothing happens', async () => {
      const { stream } = await begin();
      const resumed = await openStream(server, { lastEventId: stream.lastEventId });
      await resumed.until((text) => text.includes('retry'));
      await server.clock.pass(PACE.keepAliveMs);
      await resumed.until((text) => text.endsWith('\n\n: keep-alive\n\n'));
    });

    it('ends with its server, and can be followed again', async () => {
      const { stream } = await begin();
      const resumed = await openStream(server, { lastEventId: stream.lastEventId });
      await resumed.until((text) => text.includes('retry'));
      server.endStreams();
      await resumed.ended;
      expect(resumed.messages).toEqual([]);
    });

    it('holds no more in memory than it has to for a client that does not read', async () => {
      const { stream, call } = await begin();
      const resumed = await openStream(server, { lastEventId: stream.lastEventId });
      await resumed.until((text) => text.includes('retry'));
      resumed.pause();
      const response = server.response();
      if (response === undefined) throw new Error('no response');
      const closed = once(response, 'close');
      const text = 'x'.repeat(32 * 1024 * 1024);
      call.answer(text);
      await expect.poll(() => response.writableNeedDrain).toBe(true);
      expect(response.writableLength).toBeLessThan(1024 * 1024);
      await server.clock.pass(PACE.keepAliveMs);
      await server.clock.pass(PACE.stallMs);
      await closed;
      expect(response.writableFinished).toBe(false);
    });

    it('comes whole to a client that reads slowly', async () => {
      const { stream, call } = await begin();
      await cut(stream);
      const text = 'é'.repeat(2 * 1024 * 1024);
      call.answer(text);
      const resumed = await openStream(server, { lastEventId: stream.lastEventId });
      await resumed.ended;
      expect(resumed.messages).toEqual([answered(1, text)]);
    });
  });

  describe('with the client of the SDK', () => {
    let client: Client;

    beforeEach(async () => {
      client = new Client({ name: 'sdk', version: '1' });
      await client.connect(new StreamableHTTPClientTransport(server.url));
    });

    afterEach(() => client.close());

    it('is followed again after the server closed it, to the answer', async () => {
      const result = client.callTool({ name: 'call' });
      const [call] = await server.calls(1);
      call?.closeStream();
      await expect.poll(() => server.response()?.req.headers['last-event-id']).toBeDefined();
      call?.answer('done');
      expect(await result).toMatchObject({ content: [{ text: 'done' }] });
    });

    it('is asked for no more once it ended with an error', async () => {
      const result = client.callTool({ name: 'call' });
      const [call] = await server.calls(1);
      const failed = expect(result).rejects.toThrow('no such thing');
      call?.fail('no such thing');
      await failed;
      // Its own way to see that nothing more comes: it asks once with the id of the error.
      await expect.poll(() => server.response()?.statusCode).toBe(204);
      const last = server.response();
      await client.ping();
      expect(server.response()).not.toBe(last);
    });
  });
});
