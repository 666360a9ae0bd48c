import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type RequestHeaders,
  wishesInHeaders,
} from '../../../../src/tools/selection/header_wishes.ts';

const wish = (said: object) => ({
  toolsets: undefined,
  tools: undefined,
  excludeTools: [],
  readOnly: false,
  ...said,
});

describe('what headers wish of tools', () => {
  it.each<[string, RequestHeaders]>([
    ['no header', {}],
    [
      'other headers',
      { authorization: 'Bearer x', 'x-toolsets': 'items', 'mcp-session-id': 'all' },
    ],
    [
      'headers without a name',
      { 'x-mcp-toolsets': '', 'x-mcp-tools': ' , ,', 'x-mcp-exclude-tools': '' },
    ],
    ['an absent value', { 'x-mcp-tools': undefined, 'x-mcp-readonly': undefined }],
    ...['', '0', 'false', 'FALSE', ' f ', 'no', 'N', 'off'].map(
      (value): [string, RequestHeaders] => [`a no, as ${value}`, { 'x-mcp-readonly': value }],
    ),
  ])('is nothing by %s', (_, headers) => {
    expect(wishesInHeaders(headers)).toBeUndefined();
  });

  it.each<[string, RequestHeaders, object]>([
    ['toolsets', { 'x-mcp-toolsets': 'items,clip' }, { toolsets: ['items', 'clip'] }],
    ['tools', { 'x-mcp-tools': 'items_get' }, { tools: ['items_get'] }],
    ['to exclude', { 'x-mcp-exclude-tools': 'items.delete' }, { excludeTools: ['items.delete'] }],
    ['with blanks', { 'x-mcp-tools': ' a ,\tb  c,,' }, { tools: ['a', 'b', 'c'] }],
    ['several times', { 'x-mcp-tools': ['a,b', 'c'] }, { tools: ['a', 'b', 'c'] }],
    ...['1', 'true', 'TRUE', 'yes', 'on', 'read-only', 'none', 'nul', '2'].map(
      (value): [string, RequestHeaders, object] => [
        `to read only, as ${value}`,
        { 'x-mcp-readonly': value },
        { readOnly: true },
      ],
    ),
    ['to read only, said twice', { 'x-mcp-readonly': ['false', 'true'] }, { readOnly: true }],
    [
      'all at once',
      {
        'x-mcp-toolsets': 'items',
        'x-mcp-tools': 'a',
        'x-mcp-exclude-tools': 'b',
        'x-mcp-readonly': 'true',
      },
      { toolsets: ['items'], tools: ['a'], excludeTools: ['b'], readOnly: true },
    ],
  ])('is %s', (_, headers, said) => {
    expect(wishesInHeaders(headers)).toEqual(wish(said));
  });

  it('is read as it is written, whatever the names and whatever is between them', () => {
    const name = fc.stringMatching(/^[^\s,]+$/);
    const between = fc.stringMatching(/^[\s,]+$/);
    fc.assert(
      fc.property(fc.array(name, { minLength: 1 }), between, (names, gap) => {
        expect(wishesInHeaders({ 'x-mcp-tools': names.join(gap) })).toEqual(wish({ tools: names }));
      }),
    );
  });

  it('never fails, whatever is sent', () => {
    const value = fc.oneof(fc.string(), fc.array(fc.string()), fc.constant(undefined));
    const headers = fc.record({
      'x-mcp-toolsets': value,
      'x-mcp-tools': value,
      'x-mcp-exclude-tools': value,
      'x-mcp-readonly': value,
    });
    fc.assert(
      fc.property(headers, (sent) => {
        const { toolsets, tools } = wishesInHeaders(sent) ?? {};
        for (const names of [toolsets, tools]) expect(names?.length).not.toBe(0);
      }),
    );
  });
});
