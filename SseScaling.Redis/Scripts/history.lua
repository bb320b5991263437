-- Reads the part of a topic's stream behind an offset, in one atomic step.
--
--   KEYS  head stream
--   ARGV  after count
--   reply = head first *envelope      ; head "0-0": no stream; first: the id of the oldest kept entry, empty when none is kept
--
-- A page ends at COUNT entries or once it holds PAGE_BYTES. The entries are fetched in chunks, so that a thousand
-- events of 64 KiB do not become 64 MiB of the server's memory before the first one is counted.

local CHUNK = 64

local head = redis.call('GET', KEYS[1])
if not head then
    return { '0-0', '' }
end

local oldest = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)
if #oldest == 0 then
    return { head, '' }
end

local page = { head, oldest[1][1] }
local left = tonumber(ARGV[2])
local bytes = 0
local from = ARGV[1] .. '-1'

while left > 0 and bytes < PAGE_BYTES do
    local entries = redis.call('XRANGE', KEYS[2], from, '+', 'COUNT', math.min(left, CHUNK))
    for _, entry in ipairs(entries) do
        local envelope = entry[2][2]
        page[#page + 1] = envelope
        bytes = bytes + #envelope
        left = left - 1
        from = entry[1]
        if bytes >= PAGE_BYTES then
            break
        end
    end
    if #entries < CHUNK then
        break
    end
    from = string.gsub(from, '%-0$', '-1')
end
return page
