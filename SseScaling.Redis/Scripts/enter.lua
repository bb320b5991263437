-- Enters a stream of a user under a limit.
--
--   KEYS  the user's set
--   ARGV  stream opened-ms limit evict(1/0) expiry-ms *(live-instance started-ms)
--   reply = false                 ; refused
--         / *stream               ; those that must end, already removed
--
-- A replica that was killed could not remove its streams: at the limit, those of instances that are not alive, or were opened before the instance's
-- present process, are dropped first; but for the youngest, whose replica may be so new that this one has not heard of it. Without any live instance
-- nobody knows which are. Entering the same stream again changes nothing.

local stream, opened, limit = ARGV[1], ARGV[2], tonumber(ARGV[3])
redis.call('ZADD', KEYS[1], opened, stream)
local over = redis.call('ZCARD', KEYS[1]) - limit
if over > 0 and #ARGV > 5 then
    local started = {}
    for i = 6, #ARGV, 2 do started[ARGV[i]] = tonumber(ARGV[i + 1]) end
    local older = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', opened - 10000, 'WITHSCORES')
    for i = 1, #older, 2 do
        local since = started[string.match(older[i], '^(.*)/')]
        if not since or tonumber(older[i + 1]) < since then
            over = over - redis.call('ZREM', KEYS[1], older[i])
        end
    end
end

local ended = {}
if over > 0 then
    if ARGV[4] == '0' then
        redis.call('ZREM', KEYS[1], stream)
        return false
    end
    ended = redis.call('ZRANGE', KEYS[1], 0, over - 1)
    redis.call('ZREM', KEYS[1], unpack(ended))
end
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return ended
