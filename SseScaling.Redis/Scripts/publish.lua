-- Publishes one event on one topic, or the same one on several, each in one atomic step.
--
--   KEYS  1*(head stream [idempotency key])
--   ARGV  tail epoch size 1*channel    ; durable events; size: keys of each topic, 2 or 3
--         envelope "" size 1*channel   ; events that are not kept
--   reply = 1*answer                   ; of the topics in their order
--   answer = ["="] ("-" / position)    ; "=": the key was seen before, nothing was published
--          / "!" message               ; nothing became of this topic's event; the others are not concerned
--
-- The limits stand in front of this text as HISTORY_LENGTH, HISTORY_IDLE_MS, COUNTER_IDLE_MS and KEY_LIFETIME_MS: as
-- arguments they would be sent and parsed with each event.
--
-- The head is one string, "epoch-offset": read, counted and written back with its expiry by two calls. Offsets
-- are exact up to 2^53. A call costs 1 to 2 us of the server's time, so there are no more than these.

local tail, new_epoch, size = ARGV[1], ARGV[2], tonumber(ARGV[3])

local function publish(head_key, stream, idempotency, channel)
    if idempotency then
        local first = redis.call('GET', idempotency)
        if first then
            return '=' .. first
        end
    end

    local position = '-'
    local envelope = tail

    if new_epoch ~= '' then
        local head = redis.call('GET', head_key)
        local epoch, offset
        if head then
            local hyphen = string.find(head, '-', 1, true)
            epoch = string.sub(head, 1, hyphen - 1)
            offset = string.format('%.0f', string.sub(head, hyphen + 1) + 1)
        else
            epoch = new_epoch
            offset = '1'
        end
        position = epoch .. '-' .. offset
        envelope = '\1' .. position .. ' ' .. tail

        -- The head outlives the stream: whoever saw everything is not told of a gap after a quiet hour. It is the first write, since Redis
        -- refuses for want of memory only at a script's first one, and only if that takes memory: after a DEL everything else would pass.
        redis.call('SET', head_key, position, 'PX', COUNTER_IDLE_MS)
        if not head then
            -- Flushed, evicted or never there. Entries that outlived their head belong to an epoch that nobody knows any more.
            redis.call('DEL', stream)
        end
        redis.call('XADD', stream, 'MAXLEN', '=', HISTORY_LENGTH, offset .. '-0', 'e', envelope)
        redis.call('PEXPIRE', stream, HISTORY_IDLE_MS)
    end

    if idempotency then
        redis.call('SET', idempotency, position, 'PX', KEY_LIFETIME_MS)
    end
    redis.call('PUBLISH', channel, envelope)
    return position
end

local answers = {}
for i = 4, #ARGV do
    local at = (i - 4) * size
    local done, answer = pcall(publish, KEYS[at + 1], KEYS[at + 2], size == 3 and KEYS[at + 3], ARGV[i])
    if not done then
        answer = '!' .. (type(answer) == 'table' and answer.err or answer)
    end
    answers[#answers + 1] = answer
end
return answers
