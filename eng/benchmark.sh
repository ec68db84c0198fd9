#!/usr/bin/env bash
# Measures relay-node with relay-load and writes docs/benchmarks.md.
#
# One loop, loopback. Twice: relay, client and target on one core, and the relay alone on its core. Machines differ, and a
# shared one differs from minute to minute. So each run stands between two measurements of the machine (aead.c), each
# figure is the median of three runs, and beside it stands its ratio to a download of 2 GiB from ngtcp2's own server to
# its own client, in CPU of the server, of the same session.
# Needs gcc, libgnutls28-dev, ngtcp2-server and ngtcp2-client.
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/measure.sh

output=${OUTPUT:-docs/benchmarks.md}
# Made elsewhere (it says where), and kept.
fleet=$(sed -n '/^## A silo of the fleet/,$p' "$output")
prepare
gcc -O2 -o "$work/aead" eng/aead.c -lgnutls

# The peer: ngtcp2's own server and client.
truncate -s "$(size $((2 << 30)))" "$work/file"
taskset -c 0 gtlsserver -q -d "$work" 127.0.0.1 $((port + 1)) "$work/key.pem" "$work/cert.pem" >/dev/null 2>&1 &
pids[server]=$!
sleep 1
taskset -c 0 gtlsclient -q --exit-on-all-streams-close 127.0.0.1 $((port + 1)) "https://localhost/file" >/dev/null 2>&1
base=$(cpu_seconds "${pids[server]}")
stop server
rm "$work/file"

# The marks were set on a machine where that took so many nanoseconds.
readonly reference_aead=288
aead() { taskset -c "$1" "$work/aead"; }

# take KEY CPU MODE OPTIONS…: some runs; sets figure and, as if the machine were the one of the marks, scaled; and how much
# was sent and lost in all of them.
take() {
  local key=$1 cpu=$2 before after lost_now sent_now
  taken=("$@"); shift 2
  : >"$work/runs"
  for _ in $(seq "$rounds"); do
    before=$(aead "$cpu")
    load node "$@"
    after=$(aead "$cpu")
    lost_now=$(value lost) sent_now=$(value sent)
    echo "$(value "$key") $before $after ${lost_now:-0} ${sent_now:-0}" >>"$work/runs"
    printf '%s\n%s\n' "$before" "$after" >>"$work/speeds"
  done
  figure=$(median <"$work/runs")
  scaled=$(awk -v r="$reference_aead" '{ print $1 * r / (($2 + $3) / 2) }' "$work/runs" | median)
  lost=$(awk '{ n += $4 } END { print n }' "$work/runs")
  sent=$(awk '{ n += $5 } END { print n }' "$work/runs")
}

rows=
# row NAME FORMAT UNIT MARK SECONDS: of what was taken last, and the same with a plain client; SECONDS says how many of its
# unit are a second.
row() {
  rows+="| $1 | $(calc "$figure" "$2") $3 | $(calc "$scaled" "$2") | $4 | $(calc "$figure / $5 / $base" %.2f) |"
  take "${taken[@]}" --profile plain
  [ "$lost" = 0 ] && lost= || lost="; lost $lost"
  rows+=" $(calc "$figure" "$2") ($(calc "$scaled" "$2"))$lost |"$'\n'
}

measure() { # CPU
  rows=
  start_relay node "$1" "$port"
  load node echo --count "$(size 100000)"                          # warm-up: code is compiled and pools are filled
  load node tcp-down --bytes "$(size $((256 << 20)))"
  take relay_cpu_us_per_echo "$1" echo --count "$(size 500000)" --size 1100 --window 64
  local echo=$figure
  row "echo, 1100 B, window 64; lost $lost" %.2f "µs an echo" "3.0" 1
  take relay_cpu_us_per_echo "$1" echo --count "$(size 300000)" --carrier Capsule
  row "the same over capsules; lost $lost" %.2f "µs an echo ($(calc "$figure / $echo" %.2f) × datagrams)" "1.3 ×" 1
  take relay_cpu_us_per_echo "$1" echo --flows 200 --window 1 --count "$(size 300000)"
  row "200 tunnels, window 1; lost $lost" %.2f "µs an echo" "9.5" 1
  take relay_cpu_us_per_datagram "$1" flood-down --duration "$(seconds 3)"
  row "flood, target to client" %.2f "µs a datagram" "1.4" 1
  take relay_cpu_us_per_datagram "$1" flood-up --duration "$(seconds 3)"
  row "flood, client to target; lost $lost of $sent" %.2f "µs a datagram" "2.4" 1
  take relay_cpu_seconds "$1" tcp-down --bytes "$(size $((1 << 30)))"
  row "TCP, 1 GiB down" %.2f "s" "1.1" 1
  take relay_cpu_seconds "$1" tcp-up --bytes "$(size $((1 << 30)))"
  row "TCP, 1 GiB up" %.2f "s" "1.1" 1
  take relay_cpu_us_per_handshake "$1" handshakes --count "$(size 2000)"
  row "handshakes (ECDSA P-256)" %.0f "µs each" "" 1000
  stop node
}

instructions="not counted: this machine gives a process no hardware counters"
if command -v perf >/dev/null && perf stat -e instructions:u,instructions:k true 2>&1 | grep -qE '[0-9] +instructions:u'; then
  start_relay node 0 "$port"
  load node echo --count "$(size 100000)"
  perf stat -x, -e instructions:u,instructions:k -p "${pids[node]}" -o "$work/perf.csv" &
  perf_pid=$!
  load node echo --count "$(size 500000)"
  kill -INT "$perf_pid"; wait "$perf_pid" || true
  instructions=$(awk -F, -v n="$(size 500000)" '/instructions:u/ { u = $1 } /instructions:k/ { k = $1 }
    END { printf "%.0f in user space and %.0f in the kernel for each echo", u / n, k / n }' "$work/perf.csv")
  stop node
fi

measure 0; together=$rows together_collections=$(collections node)
measure 1; apart=$rows apart_collections=$(collections node)

# Memory, with both cores: it is not a matter of time.
start_relay node 0,1 "$port"
load node handshakes --count "$(size 2000)"                        # warm-up: all code is compiled
before=$(awk '/VmRSS/ { print $2 }' "/proc/${pids[node]}/status")
load node idle --connections "$(size 2000)"
open=$(value relay_rss_open_kib)
for _ in $(seq 30); do
  after=$(awk '/VmRSS/ { print $2 }' "/proc/${pids[node]}/status")
  [ $((after - before)) -lt $(((open - before) / 10)) ] && break
  sleep 1
done
stop node
each=$(calc "($open - $before) * 1.024 / $(size 2000)" %.1f)

cat >"$output" <<TEXT
# Benchmarks

Made by \`eng/benchmark.sh\` with \`relay-load\`; run it to have the figures of your machine.

**Method.** One loop, loopback, one connection unless said otherwise. CPU is the relay's, of all its threads, as the
scheduler counts it; each figure is the median of three runs. *Together*: relay, client and target on one core, so that
packets arrive in batches. *Apart*: the relay alone on its core, which then wakes for few packets at a time.

*Scaled*: the marks were set on a machine where GnuTLS protects 1130 bytes with AES-128-GCM in $reference_aead ns. Here that took
$(sort -g "$work/speeds" | sed -n '1p;$p' | paste -sd- | sed 's/-/ to /') ns, measured before and after each run; the figure is multiplied by $reference_aead and divided by the mean of
the two. What waits for memory scales less than that.

*Ratio*: to the CPU that ngtcp2's own server needs to send 2 GiB to its own client in the same session ($(calc "$base" %.2f) s): a
second for a second, where the figure is in seconds; a million operations for it, where it is in microseconds.

*Plain client*: \`relay-load --profile plain\`, which sends and receives packet by packet and acknowledges every second, as most
clients do; all else is by a client that does it in batches.

Machine: $(nproc) cores, $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1), Linux $(uname -r | cut -d- -f1),
$(sed -n 's/.*relay-node\[1\] relay-node [^:]*: //p' "$work/node.log" | head -1). Load average at the end: $(load_average).

## Together, on one core

| | here | scaled | mark | ratio | plain client, here (scaled) |
|---|---|---|---|---|---|
$together
Garbage collections in the relay, over all of these runs: $together_collections.

## Apart, the relay alone on its core

| | here | scaled | mark | ratio | plain client, here (scaled) |
|---|---|---|---|---|---|
$apart
Garbage collections in the relay, over all of these runs: $apart_collections.

## Memory

2000 idle connections: $before KiB resident before, $open KiB with them, that is **$each kB a connection** (mark: 48); $after KiB
after they closed.

## Instructions

$instructions

$fleet
TEXT
cat "$output"
