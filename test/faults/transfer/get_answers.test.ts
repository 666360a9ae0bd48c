import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { EngineOverrides } from '../../../src/transfer/engine.ts';
import { engine, failure, settledAt, using } from './fixtures.ts';
import { httpOrigin, rawOrigin } from './origin.ts';
import { KeepingSink } from './sinks.ts';
import { HELD_LIMITS } from './test_clock.ts';

const SIGNAL = new AbortController().signal;
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';

/** A server that answers every request of a connection with the next of the texts; `end` and `reset` end it. */
function scripted(...answers: readonly string[]) {
  let n = 0;
  let connections = 0;
  const act = (socket: Socket): void => {
    connections += 1;
    const answer = () => {
      const next = answers[n];
      n += 1;
      if (next === undefined) return;
      if (next === 'reset') socket.resetAndDestroy();
      else if (next === 'end') socket.end();
      else socket.write(next, 'latin1');
    };
    answer();
    socket.on('data', answer).resume();
  };
  return { act, connections: () => connections };
}

async function connectedTo(...answers: readonly string[]) {
  const { act, connections } = scripted(...answers);
  const { url, heads } = await using(rawOrigin(act));
  const { engine: made, clock } = engine();
  const channel = await made.openChannel();
  const ask = async (signal = SIGNAL) => channel.get(new URL(url), { Range: 'bytes=0-' }, signal);
  const fetch = async (signal = SIGNAL) => {
    const answer = await ask(signal);
    const sink = new KeepingSink();
    const result = await answer.pour(sink);
    return { status: answer.status, result, text: sink.bytes.toString('latin1') };
  };
  return { ask, fetch, heads, connections, clock, channel, engine: made, url };
}

const HELLO = { status: 200, result: 'whole', text: 'hello' };

describe('a GET', () => {
  it('sends the headers it was given, Host and Connection', async () => {
    const { fetch, heads, url } = await connectedTo(OK);
    expect(await fetch()).toEqual(HELLO);
    const { host } = new URL(url);
    expect(heads).toEqual([
      `GET /bucket/scene.tif HTTP/1.1\nHost: ${host}\nConnection: keep-alive\nRange: bytes=0-`,
    ]);
  });

  it('sends nothing that could not be a header', async () => {
    const { channel, url, connections } = await connectedTo(OK);
    const failed = failure(channel.get(new URL(url), { Range: 'bytes=0-\r\nHost: x' }, SIGNAL));
    expect(await failed).toMatchObject({ code: 'storage_refused', outcome: 'fatal' });
    expect(connections()).toBe(0);
  });

  it('reads over interim answers, but not for ever', async () => {
    const early = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n';
    const { fetch } = await connectedTo(`${early}HTTP/1.1 100 Continue\r\n\r\n${OK}`);
    expect(await fetch()).toEqual(HELLO);
    const endless = await connectedTo(early.repeat(20));
    expect(await failure(endless.fetch())).toMatchObject({ code: 'connection_lost' });
    const switching = await connectedTo('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    expect(await failure(switching.fetch())).toMatchObject({ code: 'connection_lost' });
  });

  it.each([
    ['no body', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, result: 'whole', text: '' }],
    [
      'a body without a length',
      'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
      { status: 304, result: 'whole', text: '' },
    ],
    [
      'chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\na: b\r\n\r\n',
      HELLO,
    ],
  ])('takes %s, and the connection is used again', async (_what, answer, expected) => {
    const { fetch, connections } = await connectedTo(answer, OK);
    expect(await fetch()).toEqual(expected);
    expect(await fetch()).toEqual(HELLO);
    expect(connections()).toBe(1);
  });

  it.each([
    ['Connection: close', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello'],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello'],
    ['more bytes than it said', `${OK}!`],
    [
      'a length besides chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    ],
  ])('uses no connection again after %s', async (_what, answer) => {
    const { fetch, connections } = await connectedTo(answer, OK);
    expect(await fetch()).toEqual(HELLO);
    expect(await fetch()).toEqual(HELLO);
    expect(connections()).toBe(2);
  });

  it('uses no connection again on which something came unasked', async () => {
    const { act, connections } = scripted(OK, OK);
    const sockets: Socket[] = [];
    const { url } = await using(
      rawOrigin((socket) => {
        sockets.push(socket);
        act(socket);
      }),
    );
    const channel = await engine().engine.openChannel();
    const fetch = async () => {
      const sink = new KeepingSink();
      await (await channel.get(new URL(url), {}, SIGNAL)).pour(sink);
      return sink.bytes.toString();
    };
    expect(await fetch()).toBe('hello');
    const [socket] = sockets;
    socket?.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nWRONG');
    await once(socket ?? process, 'close');
    expect(await fetch()).toBe('hello');
    expect(connections()).toBe(2);
  });

  it.each(['end', 'reset'])(
    'is repeated if a kept connection ends before an answer: %s',
    async (end) => {
      const { fetch, connections, heads } = await connectedTo(OK, end, OK);
      expect(await fetch()).toEqual(HELLO);
      expect(await fetch()).toEqual(HELLO);
      expect(connections()).toBe(2);
      expect(heads).toHaveLength(2);
    },
  );

  it.each(['end', 'reset'])('is repeated once only, and on no new connection: %s', async (end) => {
    const fresh = await connectedTo(end, OK);
    expect(await failure(fresh.fetch())).toMatchObject({
      code: 'connection_lost',
      outcome: 'transient',
    });
    expect(fresh.connections()).toBe(1);
    const twice = await connectedTo(OK, end, end, OK);
    await twice.fetch();
    expect(await failure(twice.fetch())).toMatchObject({ code: 'connection_lost' });
    expect(twice.connections()).toBe(2);
  });

  it('is not repeated once an answer has begun', async () => {
    let requests = 0;
    const { url } = await using(
      httpOrigin((_request, response, n) => {
        requests = n;
        if (n === 1) response.end('hello');
        else response.socket?.end('HTTP/1.1 200');
      }),
    );
    const channel = await engine().engine.openChannel();
    await (await channel.get(new URL(url), {}, SIGNAL)).pour(new KeepingSink());
    const failed = await failure(channel.get(new URL(url), {}, SIGNAL));
    expect(failed).toMatchObject({ code: 'connection_lost' });
    expect(requests).toBe(2);
  });

  it.each([
    ['before its head is whole', 'HTTP/1.1 200 OK\r\nContent-Le', 0],
    ['before the first byte', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 0],
    ['before the last byte', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell', 4],
    ['in a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel', 3],
    ['after a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n', 5],
  ])('that ends %s is lost', async (_when, text, bytesTransferred) => {
    for (const end of ['end', 'destroy'] as const) {
      const { url } = await using(
        rawOrigin((socket) => {
          socket.write(text, 'latin1', () => socket[end]());
        }),
      );
      const channel = await engine().engine.openChannel();
      const fetch = async () =>
        (await channel.get(new URL(url), {}, SIGNAL)).pour(new KeepingSink());
      expect(await failure(fetch())).toMatchObject({
        code: 'connection_lost',
        outcome: 'transient',
        bytesTransferred,
      });
    }
  });

  it.each([
    ['SSH-2.0-OpenSSH_9.2p1\r\n'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello'],
    ['HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nhello'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n'],
    ['HTTP/1.1 200 OK\r\nA: b\r\n c: d\r\n\r\n'],
    [`HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(30_000)}`],
  ])('answered by what is not HTTP fails, and its connection with it: %.50j', async (text) => {
    const { fetch, connections } = await connectedTo(text, OK);
    const error = await failure(fetch());
    expect(error).toMatchObject({ code: 'connection_lost', outcome: 'transient' });
    expect(error.message).toContain('does not follow HTTP');
    expect(await fetch()).toEqual(HELLO);
    expect(connections()).toBe(2);
  });
});

describe('an answer', () => {
  it('that was discarded leaves its connection to the next one if it was here already', async () => {
    const redirect = 'HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 4\r\n\r\nthis';
    const { ask, fetch, connections } = await connectedTo(redirect, redirect, OK);
    (await ask()).discard();
    // Not discarded in so many words, but nobody can want it any more.
    await ask();
    expect(await fetch()).toEqual(HELLO);
    expect(connections()).toBe(1);
  });

  it('that was discarded before its end takes its connection along', async () => {
    const { ask, fetch, connections } = await connectedTo(OK.replace('hello', 'hel'), OK);
    (await ask()).discard();
    expect(await fetch()).toEqual(HELLO);
    expect(connections()).toBe(2);
  });

  it('that does not come is given up after its time, not before', async () => {
    const { ask, clock } = await connectedTo();
    let ended = false;
    const failed = failure(ask()).finally(() => {
      ended = true;
    });
    await settledAt(() => 0);
    clock.advance(HELD_LIMITS.getAnswerMs - 1);
    await settledAt(() => 0);
    expect(ended).toBe(false);
    clock.advance(1);
    expect(await failed).toMatchObject({ code: 'stalled', outcome: 'transient' });
  });

  it('is not waited for once its signal aborts, or its channel or engine is closed', async () => {
    for (const end of ['signal', 'channel', 'engine'] as const) {
      for (const text of [
        [],
        ['HTTP/1.1 200'],
        ['HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx'],
      ]) {
        const { fetch, channel, engine: made, heads } = await connectedTo(...text);
        const cancel = new AbortController();
        const fetched = fetch(cancel.signal);
        fetched.catch(() => {});
        await settledAt(() => heads.length);
        expect(heads).toHaveLength(1);
        if (end === 'signal') cancel.abort(new DOMException('ended by signal', 'AbortError'));
        else if (end === 'channel') channel.close();
        else await made.close();
        await expect(fetched).rejects.toMatchObject({ name: 'AbortError' });
        await expect(fetched).rejects.toThrow(end);
        if (end === 'channel') await expect(fetch()).rejects.toThrow('closed');
      }
    }
  });

  it('leaves no listener on its signal', async () => {
    const { fetch, ask } = await connectedTo(OK, OK, 'SSH\r\n', 'end');
    const cancel = new AbortController();
    let listeners = 0;
    const { signal } = cancel;
    const counted = new Proxy(signal, {
      get(target, name) {
        if (name === 'addEventListener') listeners += 1;
        if (name === 'removeEventListener') listeners -= 1;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    await fetch(counted);
    (await ask(counted)).discard();
    await failure(ask(counted));
    await failure(ask(counted));
    expect(listeners).toBe(0);
  });
});

describe('through undici', () => {
  it('an answer is read, cut short, given up and cancelled alike', async () => {
    const { Agent } = await import('undici');
    const dispatcher = new Agent({ allowH2: false });
    const viaUndici: EngineOverrides = { dispatcher };
    const { url } = await using(
      httpOrigin((request, response, n) => {
        expect(request.headers['referer']).toBeUndefined();
        if (n === 1) response.end('hello');
        if (n === 2) {
          response.writeHead(200, { 'content-length': 9 }).write('hello');
          response.socket?.end();
        }
        if (n === 3) response.writeHead(200, { 'content-length': 9 }).write('hello');
      }),
    );
    const { engine: made, clock } = engine(viaUndici);
    const channel = await made.openChannel();
    const cancel = new AbortController();
    const sink = new KeepingSink();
    const fetch = async () => (await channel.get(new URL(url), {}, cancel.signal)).pour(sink);
    expect(await fetch()).toBe('whole');
    expect(sink.bytes.toString()).toBe('hello');
    expect(await failure(fetch())).toMatchObject({ code: 'connection_lost' });
    const answer = await channel.get(new URL(url), {}, cancel.signal);
    const cancelled = answer.pour(sink);
    cancelled.catch(() => {});
    cancel.abort(new Error('enough of it'));
    await expect(cancelled).rejects.toThrow('enough of it');
    const silent = failure(channel.get(new URL(url), {}, SIGNAL));
    await settledAt(() => 0);
    clock.advance(HELD_LIMITS.getAnswerMs);
    expect(await silent).toMatchObject({ code: 'stalled' });
    const waiting = channel.get(new URL(url), {}, SIGNAL);
    await settledAt(() => 0);
    channel.close();
    await expect(waiting).rejects.toThrow('closed');
    await expect(channel.get(new URL(url), {}, SIGNAL)).rejects.toThrow('closed');
    await dispatcher.destroy();
  });
});
