import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { PrincipalTokens } from '../../../src/principals/principal_tokens.ts';
import { tokenOf } from './token_of.ts';

const MINUTE = 60_000;
const anna = { id: 'anna', scopes: undefined };
const bert = { id: 'bert', scopes: undefined };

function tokensAt() {
  let time = 1_700_000_000_000;
  const tokens = new PrincipalTokens(() => time);
  return {
    tokens,
    /** A token that lives so long from now. */
    lasting: (ms: number) => tokenOf({ exp: (time + ms) / 1000 }),
    pass: (ms: number) => {
      time += ms;
    },
  };
}

describe('work goes on', () => {
  it('with its own token while that lasts, though there is a newer one', () => {
    const { tokens, lasting, pass } = tokensAt();
    const own = lasting(5 * MINUTE);
    const source = tokens.tokensFor(anna, own);
    pass(MINUTE);
    tokens.seen(anna, lasting(5 * MINUTE));
    expect(source()).toBe(own);
  });

  it('with the newest of its caller from half a minute before its own is over', () => {
    const { tokens, lasting, pass } = tokensAt();
    const own = lasting(5 * MINUTE);
    const source = tokens.tokensFor(anna, own);
    pass(4 * MINUTE);
    const newer = lasting(5 * MINUTE);
    tokens.seen(anna, newer);
    pass(MINUTE / 2 - 1);
    expect(source()).toBe(own);
    pass(1);
    expect(source()).toBe(newer);
    pass(4 * MINUTE);
    const newest = lasting(5 * MINUTE);
    tokens.seen(anna, newest);
    expect(source()).toBe(newest);
  });

  it('with its own where there is no newer one, or only of another caller', () => {
    const { tokens, lasting, pass } = tokensAt();
    const own = lasting(MINUTE);
    tokens.seen(anna, own);
    const source = tokens.tokensFor(anna, own);
    tokens.seen(bert, lasting(60 * MINUTE));
    pass(10 * MINUTE);
    expect(source()).toBe(own);
  });

  it('with the one that lasts longest, though an older one was shown since', () => {
    const { tokens, lasting, pass } = tokensAt();
    const older = lasting(5 * MINUTE);
    const source = tokens.tokensFor(anna, lasting(MINUTE));
    const newer = lasting(9 * MINUTE);
    tokens.seen(anna, newer);
    tokens.seen(anna, older);
    pass(2 * MINUTE);
    expect(source()).toBe(newer);
  });

  it('with a key for ever', () => {
    const { tokens, lasting, pass } = tokensAt();
    const source = tokens.tokensFor(anna, 'gpra_key');
    tokens.seen(anna, lasting(100 * MINUTE));
    pass(30 * 24 * 60 * MINUTE);
    expect(source()).toBe('gpra_key');
  });
});

describe('a newest token is forgotten', () => {
  it('after an hour unseen', () => {
    const { tokens, lasting, pass } = tokensAt();
    const own = lasting(MINUTE);
    const source = tokens.tokensFor(anna, own);
    tokens.seen(anna, 'gpra_key');
    pass(60 * MINUTE - 1);
    expect(source()).toBe('gpra_key');
    pass(MINUTE);
    expect(source()).toBe(own);
  });

  it('not before, if it was seen again', () => {
    const { tokens, lasting, pass } = tokensAt();
    const source = tokens.tokensFor(anna, lasting(MINUTE));
    tokens.seen(anna, 'gpra_key');
    pass(40 * MINUTE);
    tokens.seen(anna, 'gpra_key');
    pass(40 * MINUTE);
    expect(source()).toBe('gpra_key');
  });

  it('when it is over', () => {
    const { tokens, lasting, pass } = tokensAt();
    const own = lasting(MINUTE);
    const source = tokens.tokensFor(anna, own);
    tokens.seen(anna, lasting(5 * MINUTE));
    pass(5 * MINUTE);
    expect(source()).toBe(own);
  });

  it('for ten thousand others', () => {
    const { tokens, lasting, pass } = tokensAt();
    const own = lasting(MINUTE);
    const source = tokens.tokensFor(anna, own);
    tokens.seen(anna, 'gpra_key');
    for (let count = 0; count < 10_000; count += 1) {
      tokens.seen({ id: `p${count}`, scopes: undefined }, 'gpra_other');
    }
    pass(2 * MINUTE);
    expect(source()).toBe(own);
  });
});

it('shows no token to a log', () => {
  const { tokens } = tokensAt();
  tokens.seen(anna, 'gpra_secret');
  const source = tokens.tokensFor(anna, 'gpra_secret');
  for (const shown of [
    inspect([tokens, source], { depth: 20, showHidden: true }),
    JSON.stringify([tokens, source]),
    String(tokens),
    String(source),
  ]) {
    expect(shown).not.toContain('gpra_secret');
  }
});
