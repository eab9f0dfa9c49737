/** Scripts: the compare-and-set steps, each on one key, so that they run on a cluster too. */

/**
 * KEYS: user. ARGV: field of the slot's next, expected ("" none), next, ttl ms (0 none), vector ("" cold), interactions,
 * recent, bought. Who ever bought something is never forgotten.
 */
export const writeUser = `
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3], 'interactions', ARGV[6], 'recent', ARGV[7], 'bought', ARGV[8])
redis.call('HDEL', KEYS[1], 'marks')
if ARGV[5] == '' then redis.call('HDEL', KEYS[1], 'vector') else redis.call('HSET', KEYS[1], 'vector', ARGV[5]) end
if ARGV[8] ~= '' then redis.call('PERSIST', KEYS[1])
elseif ARGV[4] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
return 1`;

/** KEYS: slot. ARGV: expected ("" none), next, trend. */
export const writeTrend = `
if (redis.call('HGET', KEYS[1], 'trendNext') or '') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'trendNext', ARGV[2], 'trend', ARGV[3])
return 1`;

/** KEYS: slot. ARGV: next. Offsets are below 2^53, which Lua's numbers hold exactly. */
export const movePosition = `
local position = redis.call('HGET', KEYS[1], 'position')
if position and tonumber(position) >= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'position', ARGV[1])
return 1`;

/** KEYS: a text. ARGV: text expected ("" none), text to set. */
export const swapText = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1`;
