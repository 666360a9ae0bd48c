/**
 * What must happen at once where several replicas may act on one job. A job is a hash:
 *
 * - `state`, `report` (JSON), `outcome` (JSON, once it ended), `heard` (`1` once somebody was told)
 * - `replica`: who runs it; `lost`: `1` if that one was found gone, which `lost` beside it outlives
 * - `stopping`: `1` once it was asked to stop; `ask`: what another replica asks of the one that runs it
 *
 * Beside it are the owner's `index` (ids by start), `same` (the newest id at one thing), and `waits` (who
 * waits elsewhere, by the time until when, in Redis' own time).
 */

/** KEYS same index job; ARGV prefix id most startedAt ttl fields… → the id to follow, or '' if too many run. */
const CLAIM = `
local current = redis.call('GET', KEYS[1])
if current then
  local was = redis.call('HMGET', ARGV[1] .. current, 'state', 'stopping')
  if was[1] == 'running' and not was[2] then return current end
end
local running = 0
for _, id in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  if redis.call('HGET', ARGV[1] .. id, 'state') == 'running' then running = running + 1 end
end
if running >= tonumber(ARGV[3]) then return '' end
redis.call('HSET', KEYS[3], unpack(ARGV, 6))
redis.call('PEXPIRE', KEYS[3], ARGV[5])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[5])
return ARGV[2]`;

/**
 * KEYS job index same lost; ARGV id startedAt ttl prefix fields… → what is asked of whoever runs it, or
 * 'lost'. All is written each time, so that a Redis which lost its memory has it again.
 */
const PUBLISH = `
if redis.call('EXISTS', KEYS[4]) == 1 then return 'lost' end
redis.call('HSET', KEYS[1], unpack(ARGV, 5))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
local same = redis.call('GET', KEYS[3])
local vacant = not same or redis.call('HGET', ARGV[4] .. same, 'state') ~= 'running'
if same == ARGV[1] or (vacant and redis.call('HEXISTS', KEYS[1], 'stopping') == 0) then
  redis.call('SET', KEYS[3], ARGV[1], 'PX', ARGV[3])
end
return redis.call('HGET', KEYS[1], 'ask') or ''`;

/**
 * KEYS job index same lost; ARGV id startedAt indexTtl prefix keepTtl keepMost state fields… Whoever was told that
 * the job is lost is told anew only if it was completed all the same.
 */
const END = `
if redis.call('EXISTS', KEYS[4]) == 1 then
  if ARGV[7] ~= 'completed' then return 0 end
  redis.call('DEL', KEYS[4])
  redis.call('HDEL', KEYS[1], 'lost', 'heard')
end
redis.call('HDEL', KEYS[1], 'ask', 'stopping')
redis.call('HSET', KEYS[1], unpack(ARGV, 8))
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
redis.call('SET', KEYS[3], ARGV[1], 'PX', ARGV[5], 'NX')
if redis.call('GET', KEYS[3]) == ARGV[1] then redis.call('PEXPIRE', KEYS[3], ARGV[5]) end
local surplus = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[6])
for _, id in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  if surplus <= 0 then break end
  if redis.call('HGET', ARGV[4] .. id, 'state') ~= 'running' then
    redis.call('DEL', ARGV[4] .. id)
    redis.call('ZREM', KEYS[2], id)
    surplus = surplus - 1
  end
end
return 1`;

const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)`;

/** KEYS job waits; ARGV waiter ms: notes that somebody waits elsewhere. */
const AWAIT = `${NOW}
if redis.call('HGET', KEYS[1], 'state') == 'running' then
  redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[1])
  redis.call('PEXPIRE', KEYS[2], ARGV[2])
end
return 1`;

/** KEYS job waits → how many wait elsewhere. */
const WAITING = `${NOW}
return redis.call('ZCARD', KEYS[2])`;

/** KEYS job; ARGV ask: it is to be stopped, whoever waits for it. */
const CANCEL = `
if redis.call('HGET', KEYS[1], 'state') == 'running' then
  redis.call('HSET', KEYS[1], 'ask', ARGV[1], 'stopping', '1')
end
return 1`;

/** KEYS job waits; ARGV ask → 0 if it is not to be stopped, since somebody waits for it. */
const ABANDON = `${NOW}
if redis.call('ZCARD', KEYS[2]) > 0 then return 0 end
if redis.call('HGET', KEYS[1], 'state') == 'running' then
  redis.call('HSETNX', KEYS[1], 'ask', ARGV[1])
end
return 1`;

/** KEYS job; ARGV ask: whoever runs the job does not do what was asked. */
const DECLINE = `
if redis.call('HGET', KEYS[1], 'ask') == ARGV[1] then redis.call('HDEL', KEYS[1], 'ask') end
return 1`;

/**
 * KEYS job heartbeat lost; ARGV replica ttl lostTtl fields… → 1 for the one that finds it: whose replica is
 * gone has failed. That is noted for as long as the replica may come back.
 */
const LOSE = `
local was = redis.call('HMGET', KEYS[1], 'state', 'replica')
if was[1] ~= 'running' or was[2] ~= ARGV[1] then return 0 end
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('HDEL', KEYS[1], 'ask', 'stopping')
redis.call('HSET', KEYS[1], 'lost', '1', unpack(ARGV, 4))
redis.call('SET', KEYS[3], '1', 'PX', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`;

/** KEYS job: somebody was told the outcome. */
const HEAR = `
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'heard', '1') end
return 1`;

export const JOB_SCRIPTS = {
  claim: CLAIM,
  publish: PUBLISH,
  end: END,
  await: AWAIT,
  waiting: WAITING,
  cancel: CANCEL,
  abandon: ABANDON,
  decline: DECLINE,
  lose: LOSE,
  hear: HEAR,
} as const;
