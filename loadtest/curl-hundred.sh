#!/usr/bin/env bash
# 100 users with nothing but curl: opens a stream for each, publishes to all of them, and looks whether everyone got everything
# once and in order. Exit code 0 if so, 1 if not, 2 if it could not begin.
#   loadtest/curl-hundred.sh [URL [CONNECTIONS [EVENTS]]]      default: http://localhost:5080 100 10
set -euo pipefail

url=${1:-http://localhost:5080} connections=${2:-100} events=${3:-10}
patience=60
folder=$(mktemp -d)
streams=()

finish() {
    if ((${#streams[@]})); then
        kill "${streams[@]}" 2>/dev/null || true
        wait "${streams[@]}" 2>/dev/null || true
    fi
    rm -rf "$folder"
}
trap finish EXIT

fail() {
    echo "$1" >&2
    exit "$2"
}

# Waits until the given command succeeds, at most so many seconds.
await() {
    local until=$((SECONDS + patience))
    until "$@"; do
        ((SECONDS < until)) || return 1
        sleep 0.1
    done
}

# What the streams say that have no 200: their status lines and curl's messages, each once.
problems() {
    local user
    for ((user = 1; user <= connections; user++)); do
        grep -q '^HTTP/1.1 200' "$folder/$user.head" 2>/dev/null && continue
        { head -n 1 "$folder/$user.head" 2>/dev/null | tr -d '\r'; cat "$folder/$user.error"; } | grep . || echo "no answer yet"
    done | sort | uniq -c | tr -s ' ' | paste -sd ';'
}
all_open() { [ "$(grep -l '^HTTP/1.1 200' "$folder"/*.head 2>/dev/null | wc -l)" -eq "$connections" ]; }
received() { cat "$folder"/*.body | grep -c '^data: {"from":"curl"' || true; }
all_here() { [ "$(received)" -ge $((connections * events)) ]; }

curl -sS -o /dev/null --max-time 5 "$url/alive" 2>"$folder/error" || fail "$url cannot be reached: $(cat "$folder/error")" 2

# (1) A stream per user. -N: curl shall not buffer. The process id keeps runs apart.
for ((user = 1; user <= connections; user++)); do
    curl -sSN --max-time 600 -D "$folder/$user.head" -o "$folder/$user.body" -H 'Accept: text/event-stream' "$url/api/notifications?userId=curl-$$-$user" 2>"$folder/$user.error" &
    streams+=($!)
done
await all_open || fail "Not all of the $connections streams opened within $patience s: $(problems)" 1
echo "$connections streams are open."

# (2) Event by event, to everyone in one request.
for ((event = 1; event <= events; event++)); do
    body=$(for ((user = 1; user <= connections; user++)); do
        printf '{"topic":"notifications:curl-%d-%d","data":{"from":"curl","seq":%d}},' $$ "$user" "$event"
    done)
    curl -sS --fail-with-body -o "$folder/answer" --max-time 10 -H 'Content-Type: application/json' -d "[${body%,}]" "$url/api/publish" 2>"$folder/error" \
        || fail "Event $event was not published: $(cat "$folder/error") $(head -c 300 "$folder/answer" 2>/dev/null)" 1
done
echo "$events events were published to each of them."

# (3) Everyone must have 1 … events, in this order.
await all_here || true
expected=$(seq "$events" | tr '\n' ' ')
wrong=0
for ((user = 1; user <= connections; user++)); do
    got=$(sed -n 's/^data: {"from":"curl","seq":\([0-9]*\)}.*/\1/p' "$folder/$user.body" | tr '\n' ' ')
    if [ "$got" != "$expected" ]; then
        wrong=$((wrong + 1))
        ((wrong > 3)) || echo "user $user got: ${got:-nothing}"
    fi
done
((wrong == 0)) || fail "NOT OK  $wrong of $connections streams did not get every event once and in order." 1
echo "OK      $(received) deliveries, every event once and in order on each of $connections streams."
