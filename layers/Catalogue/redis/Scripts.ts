/**
 * Scripts: the steps that change the catalogue, each whole or not at all.
 *
 * KEYS of all: items (hash, by id: `NUMBER:INDEX:RECORD`, the record as JSON or of no bytes), ids (list, by index), changes (sorted
 * set of ids by the number of their last change). One hash tag keeps them on one node of a cluster. Numbers are below 2^53.
 */

/** Gives the item of `id` the next number and stores it. */
const put = `
local number = tonumber(redis.call('ZREVRANGE', KEYS[3], 0, 0, 'WITHSCORES')[2] or '0')
local function put(id, index, record)
  number = number + 1
  local text = string.format('%.0f', number)
  redis.call('HSET', KEYS[1], id, text .. ':' .. index .. ':' .. record)
  redis.call('ZADD', KEYS[3], text, id)
end
local size = redis.call('LLEN', KEYS[2])
local function add(id, record)
  redis.call('RPUSH', KEYS[2], id)
  put(id, size, record)
  size = size + 1
end`;

/**
 * ARGV: a number that was given before and, per item: id, number that it is expected to have ("" none: it has no index), record. Answers
 * the last number and the size from before it; nothing where an item is another one than expected; the last number alone where
 * it is below the given one: changes were lost.
 */
export const storeItems = `${put}
local answer = {string.format('%.0f', number), size}
if number < tonumber(ARGV[1]) then return {answer[1]} end
local held = {}
for i = 2, #ARGV, 3 do
  held[i] = redis.call('HGET', KEYS[1], ARGV[i])
  if (held[i] and (string.match(held[i], '^(%d+):%d+:') or 'odd') or '') ~= ARGV[i + 1] then return {} end
end
for i = 2, #ARGV, 3 do
  if held[i] then put(ARGV[i], string.match(held[i], '^%d+:(%d+):'), ARGV[i + 2]) else add(ARGV[i], ARGV[i + 2]) end
end
return answer`;

/** ARGV: first index, and per item: id, record ("" none). Answers what does not fit, as a kind and its words. */
export const adoptItems = `${put}
local first = tonumber(ARGV[1])
if first > size then return {'gap', size} end
for i = 2, #ARGV, 2 do
  local index = first + (i - 2) / 2
  local held = redis.call('HGET', KEYS[1], ARGV[i])
  local own = held and string.match(held, '^%d+:(%d+):')
  if held and not own then return {'odd', ARGV[i]} end
  if held and tonumber(own) ~= index then return {'item', ARGV[i], own, index} end
  if not held and index < size then return {'index', ARGV[i], index} end
end
for i = 2, #ARGV, 2 do
  local held = redis.call('HGET', KEYS[1], ARGV[i])
  if not held then add(ARGV[i], ARGV[i + 1])
  elseif ARGV[i + 1] ~= '' and string.match(held, '^%d+:%d+:$') then
    put(ARGV[i], string.match(held, '^%d+:(%d+):'), ARGV[i + 1])
  end
end
return {}`;

/**
 * ARGV: number, most items, the id that had the number ("" not known), the greatest number that was given before. Answers the last
 * number, whether changes were lost (1; else 0), and id and item of each change since, oldest first; of all that there is where they
 * were lost. Numbers only grow: an id whose number is smaller than it was, or which has none, is of another past.
 */
export const itemsSince = `
local after = tonumber(ARGV[1])
local last = redis.call('ZREVRANGE', KEYS[3], 0, 0, 'WITHSCORES')[2] or '0'
local lost = tonumber(last) < math.max(after, tonumber(ARGV[4]))
if not lost and after > 0 and ARGV[3] ~= '' then
  lost = tonumber(redis.call('ZSCORE', KEYS[3], ARGV[3]) or '0') < after
end
local answer = {last, lost and 1 or 0}
if lost then after = 0 end
if tonumber(last) == after then return answer end
local since = '(' .. string.format('%.0f', after)
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], since, '+inf', 'LIMIT', 0, ARGV[2])) do
  answer[#answer + 1] = id
  answer[#answer + 1] = redis.call('HGET', KEYS[1], id) or ''
end
return answer`;
