/**
 * A session that waits for its files is a hash: `until` (epoch milliseconds), and `finished` once it has
 * ended. Beside it is the owner's `index` of those that wait, by that time. Times are the replicas' own.
 */

/**
 * KEYS link index; ARGV digest until now keepMs known ('1': only one that is known) → until when it waits
 * now, or '' if it does not.
 */
const HOLD = `
local was = redis.call('HMGET', KEYS[1], 'until', 'finished')
if was[2] or (ARGV[5] == '1' and not was[1]) then return '' end
if was[1] and tonumber(was[1]) >= tonumber(ARGV[2]) then return was[1] end
local lives = ARGV[2] - ARGV[3] + ARGV[4]
redis.call('HSET', KEYS[1], 'until', ARGV[2])
redis.call('PEXPIRE', KEYS[1], lives)
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
if redis.call('PTTL', KEYS[2]) < lives then redis.call('PEXPIRE', KEYS[2], lives) end
return ARGV[2]`;

/** KEYS link index; ARGV digest. What is not known is not noted: the id could be anything. */
const FINISH = `
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'finished', '1') end
redis.call('ZREM', KEYS[2], ARGV[1])
return 1`;

/** KEYS index; ARGV now → how many wait, and until when the first of them. */
const COUNT = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {redis.call('ZCARD', KEYS[1]), first[2] or ''}`;

/** KEYS link index; ARGV digest now → 'finished', 'mine', or until when it waits. */
const CLAIM_DEADLINE = `
local was = redis.call('HMGET', KEYS[1], 'until', 'finished')
if was[2] then return 'finished' end
if was[1] and tonumber(was[1]) > tonumber(ARGV[2]) then return was[1] end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
return 'mine'`;

export const LINK_SCRIPTS = {
  hold: HOLD,
  finish: FINISH,
  count: COUNT,
  claimDeadline: CLAIM_DEADLINE,
} as const;
