/** Scripts: the compare-and-set steps, each on one key, so that they run on a cluster too. */

/**
 * KEYS: user. ARGV: field of the slot's next, expected ("" none), next, ttl ms (0 none), vector ("" cold), interactions,
 * recent, bought, hidden, shown. Of whom something was bought or is hidden is never forgotten.
 */
export const writeUser = `
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3], 'interactions', ARGV[6], 'recent', ARGV[7], 'bought', ARGV[8])
redis.call('HDEL', KEYS[1], 'marks')
if ARGV[5] == '' then redis.call('HDEL', KEYS[1], 'vector') else redis.call('HSET', KEYS[1], 'vector', ARGV[5]) end
if ARGV[9] == '' then redis.call('HDEL', KEYS[1], 'hidden') else redis.call('HSET', KEYS[1], 'hidden', ARGV[9]) end
if ARGV[10] == '' then redis.call('HDEL', KEYS[1], 'shown') else redis.call('HSET', KEYS[1], 'shown', ARGV[10]) end
if ARGV[8] ~= '' or ARGV[9] ~= '' then redis.call('PERSIST', KEYS[1])
elseif ARGV[4] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
return 1`;

/**
 * KEYS: slot. ARGV: expected ("" none), next, trend, what becomes of the followers ("" nothing, "append", "replace"), their
 * frame or snapshot, length up to which a chunk is appended to. The fields of followers: `FollowersCodec.ts`, `Followers.ts`.
 */
export const writeTrend = `
if (redis.call('HGET', KEYS[1], 'trendNext') or '') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'trendNext', ARGV[2], 'trend', ARGV[3])
if ARGV[4] == '' then return 1 end
local count = tonumber(redis.call('HGET', KEYS[1], 'journal') or '0')
if ARGV[4] == 'replace' then
  for i = 1, count do redis.call('HDEL', KEYS[1], 'journal:' .. i) end
  redis.call('HDEL', KEYS[1], 'journal')
  redis.call('HSET', KEYS[1], 'followersNext', ARGV[2], 'followers', ARGV[5])
  return 1
end
local chunk = count > 0 and redis.call('HGET', KEYS[1], 'journal:' .. count) or ''
if count == 0 or #chunk + #ARGV[5] > tonumber(ARGV[6]) then
  count = count + 1
  chunk = ''
  redis.call('HSET', KEYS[1], 'journal', count)
end
redis.call('HSET', KEYS[1], 'journal:' .. count, chunk .. ARGV[5])
return 1`;

/**
 * KEYS: slot. ARGV: since ("" from the beginning). Answers the snapshot's next ("" none), whether the answer begins with it ("" it
 * does not), the snapshot, how many chunks there are ("" none), and the chunks from the one on that holds what comes after since.
 */
export const readFollowers = `
local at = redis.call('HGET', KEYS[1], 'followersNext') or ''
local since = tonumber(ARGV[1])
local answer = {at, '', '', redis.call('HGET', KEYS[1], 'journal') or ''}
if not since or (at ~= '' and since < (tonumber(at) or 0)) then
  since = nil
  if at ~= '' then
    answer[2] = '1'
    answer[3] = redis.call('HGET', KEYS[1], 'followers') or ''
  end
end
local count = tonumber(answer[4]) or 0
local first = 1
if since then
  first = math.max(count, 1)
  while first > 1 do
    local chunk = redis.call('HGET', KEYS[1], 'journal:' .. first) or ''
    if #chunk < 8 or struct.unpack('<I8', chunk) <= since then break end
    first = first - 1
  end
end
for i = first, count do answer[#answer + 1] = redis.call('HGET', KEYS[1], 'journal:' .. i) or '' end
return answer`;

/**
 * KEYS: user. ARGV: field of the slot's next, 1 + the offset of the word that forgets the user. What events made of the user after it
 * stays; all else goes, the offsets too: what is delivered again is applied to a stranger, and forgotten again by that word.
 */
export const forgetUser = `
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local function held(field) return (redis.call('HGET', KEYS[1], field) or '') ~= '' end
local next = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '-1')
local full = held('vector') or held('interactions') or held('bought') or held('hidden') or held('recent') or held('marks')
full = full or held('shown')
if next >= tonumber(ARGV[2]) and full then return 0 end
redis.call('UNLINK', KEYS[1])
return 1`;

/** KEYS: a part of the index. ARGV: a user's id. Removes it from there. */
export const forgetIndex = `
local all = redis.call('HGETALL', KEYS[1])
for i = 2, #all, 2 do if all[i] == ARGV[1] then redis.call('HDEL', KEYS[1], all[i - 1]) end end
return #all`;

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
