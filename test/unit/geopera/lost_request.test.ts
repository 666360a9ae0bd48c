import { expect, it } from 'vitest';
import { lostRequest } from '../../../src/geopera/lost_request.ts';

const failure = (facts: object) => Object.assign(new Error('lost'), facts);

it.each<[string, unknown, boolean]>([
  ['refused at connecting', failure({ code: 'ECONNREFUSED', syscall: 'connect' }), false],
  ['no such name', failure({ code: 'ENOTFOUND', syscall: 'getaddrinfo' }), false],
  ['no connection in time', failure({ code: 'UND_ERR_CONNECT_TIMEOUT' }), false],
  ['no way there, at connecting', failure({ code: 'EHOSTUNREACH', syscall: 'connect' }), false],
  ['no way there any more', failure({ code: 'EHOSTUNREACH', syscall: 'read' }), true],
  ['the network went down', failure({ code: 'ENETUNREACH', syscall: 'write' }), true],
  ['reset', failure({ code: 'ECONNRESET', syscall: 'read' }), true],
  ['an error without a code', new Error('odd'), true],
  ['no error at all', 'odd', true],
])('%s: whether the request may have arrived', (_what, error, mayHaveArrived) => {
  expect(lostRequest(error).mayHaveArrived).toBe(mayHaveArrived);
});
