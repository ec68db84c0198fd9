#!/usr/bin/env bash
# Measures relay-node with relay-load and writes docs/benchmarks.md.
#
# One loop, loopback. Twice: relay, client and target on one core, and the relay alone on its core. Beside each figure
# stands its ratio to a download of 2 GiB from ngtcp2's own server to its own client, in CPU of the server, of the same
# run: machines differ, and the ratio differs less.
set -euo pipefail
cd "$(dirname "$0")/.."

port=${PORT:-4433}
configuration=${CONFIGURATION:-Release}
output=docs/benchmarks.md
# Made elsewhere (it says where), and kept.
fleet=$(sed -n '/^## A silo of the fleet/,$p' "$output")
work=$(mktemp -d)
node_pid=
server_pid=
finish() { for pid in $node_pid $server_pid; do kill "$pid" 2>/dev/null || true; done; rm -rf "$work"; }
trap finish EXIT

dotnet build src/Relay.Node/Relay.Node.csproj -c "$configuration" --nologo -v quiet
dotnet build tools/Relay.Load/Relay.Load.csproj -c "$configuration" --nologo -v quiet
node=src/Relay.Node/bin/$configuration/net10.0/relay-node.dll
load=tools/Relay.Load/bin/$configuration/net10.0/relay-load.dll

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout "$work/key.pem" \
  -out "$work/cert.pem" -subj "/CN=localhost" -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" 2>/dev/null

# value KEY: a number of relay-load's JSON.
value() { sed -nE "s/^ *\"$1\": ([-0-9.]+),?$/\1/p" "$work/result.json"; }
calc() { awk "BEGIN { printf \"$2\", $1 }"; }
cpu_seconds() { awk '{ s += $1 } END { printf "%.3f", s / 1e9 }' "/proc/$1"/task/*/schedstat; }

start_node() { # CPU
  taskset -c "$1" dotnet "$node" -a "127.0.0.1:$port" --tls-cert-path "$work/cert.pem" \
    --tls-private-key-path "$work/key.pem" --allow-target 127.0.0.0/8 --workers 1 2>"$work/node.log" &
  node_pid=$!
  for _ in $(seq 100); do grep -q listening "$work/node.log" && return; sleep 0.1; done
  cat "$work/node.log" >&2
  exit 1
}

stop_node() { kill "$node_pid"; wait "$node_pid" || true; node_pid=; }

# run CPU MODE OPTIONS…: one measured run; the client and the targets are on CPU 0.
run() {
  local cpu=$1; shift
  taskset -c 0 dotnet "$load" "$@" --relay "127.0.0.1:$port" --insecure --relay-pid "$node_pid" --json \
    >"$work/result.json" 2>"$work/load.log" || { cat "$work/result.json" "$work/load.log" >&2; exit 1; }
}

# The peer: ngtcp2's own server and client.
truncate -s 2G "$work/file"
taskset -c 0 gtlsserver -q -d "$work" 127.0.0.1 $((port + 1)) "$work/key.pem" "$work/cert.pem" >/dev/null 2>&1 &
server_pid=$!
sleep 1
taskset -c 0 gtlsclient -q --exit-on-all-streams-close 127.0.0.1 $((port + 1)) "https://localhost/file" >/dev/null 2>&1
base=$(cpu_seconds "$server_pid")
kill "$server_pid"; wait "$server_pid" 2>/dev/null || true; server_pid=
rm "$work/file"

rows=
# row NAME FIGURE UNIT MARK SECONDS: SECONDS is what is compared with the peer.
row() { rows+="| $1 | $2 $3 | $4 | $(calc "$5 / $base" %.2f) |"$'\n'; }

measure() { # CPU
  rows=
  start_node "$1"
  run "$1" echo --count 100000                                     # warm-up: code is compiled and pools are filled
  run "$1" tcp-down --bytes 256MiB
  local f
  run "$1" echo --count 1000000 --size 1100 --window 64
  f=$(value relay_cpu_us_per_echo); local echo=$f
  row "echo, 1100 B, window 64; lost $(value lost)" "$(calc "$f" %.2f)" "µs an echo" "3.0" "$f"
  run "$1" echo --count 500000 --carrier Capsule
  f=$(value relay_cpu_us_per_echo)
  row "the same over capsules; lost $(value lost)" "$(calc "$f" %.2f)" "µs an echo ($(calc "$f / $echo" %.2f) × datagrams)" "1.3 ×" "$f"
  run "$1" echo --flows 200 --window 1 --count 300000
  f=$(value relay_cpu_us_per_echo)
  row "200 tunnels, window 1; lost $(value lost)" "$(calc "$f" %.2f)" "µs an echo" "9.5" "$f"
  run "$1" flood-down --duration 5
  f=$(value relay_cpu_us_per_datagram)
  row "flood, target to client" "$(calc "$f" %.2f)" "µs a datagram" "1.4" "$f"
  run "$1" flood-up --duration 5
  f=$(value relay_cpu_us_per_datagram)
  row "flood, client to target; lost $(value lost) of $(value sent)" "$(calc "$f" %.2f)" "µs a datagram" "2.4" "$f"
  run "$1" tcp-down --bytes 1GiB
  f=$(value relay_cpu_seconds)
  row "TCP, 1 GiB down" "$(calc "$f" %.2f)" "s" "1.1" "$f"
  run "$1" tcp-up --bytes 1GiB
  f=$(value relay_cpu_seconds)
  row "TCP, 1 GiB up" "$(calc "$f" %.2f)" "s" "1.1" "$f"
  run "$1" handshakes --count 2000
  f=$(value relay_cpu_us_per_handshake)
  row "handshakes (ECDSA P-256)" "$(calc "$f" %.0f)" "µs each" "" "$(calc "$f / 1000" %.3f)"
  stop_node
  collections=$(sed -nE 's/.*collections: ([0-9]+ of generation 0).*/\1/p' "$work/node.log")
}

instructions="not counted: this machine gives a process no hardware counters"
if command -v perf >/dev/null && perf stat -e instructions:u,instructions:k true 2>&1 | grep -qE '[0-9] +instructions:u'; then
  start_node 0
  run 0 echo --count 100000
  perf stat -x, -e instructions:u,instructions:k -p "$node_pid" -o "$work/perf.csv" &
  perf_pid=$!
  run 0 echo --count 500000
  kill -INT "$perf_pid"; wait "$perf_pid" || true
  instructions=$(awk -F, '/instructions:u/ { u = $1 } /instructions:k/ { k = $1 }
    END { printf "%.0f in user space and %.0f in the kernel for each echo", u / 500000, k / 500000 }' "$work/perf.csv")
  stop_node
fi

measure 0; together=$rows; together_collections=$collections
measure 1; apart=$rows; apart_collections=$collections

# Memory, with both cores: it is not a matter of time.
taskset -c 0,1 true && start_node 0,1
run 0 handshakes --count 2000                                      # warm-up: all code is compiled
before=$(awk '/VmRSS/ { print $2 }' "/proc/$node_pid/status")
run 0 idle --connections 2000
open=$(value relay_rss_open_kib)
for _ in $(seq 30); do
  after=$(awk '/VmRSS/ { print $2 }' "/proc/$node_pid/status")
  [ $((after - before)) -lt $(((open - before) / 10)) ] && break
  sleep 1
done
stop_node
each=$(calc "($open - $before) * 1.024 / 2000" %.1f)

cat >"$output" <<TEXT
# Benchmarks

Made by \`eng/benchmark.sh\` with \`relay-load\`; run it to have the figures of your machine.

**Method.** One loop, loopback, one connection unless said otherwise. CPU is the relay's, of all its threads, as the
scheduler counts it. *Together*: relay, client and target on one core, so that packets arrive in batches. *Apart*: the
relay alone on its core, which then wakes for few packets at a time. The last column is the ratio to the CPU that
ngtcp2's own server needs to send 2 GiB to its own client in the same run ($(calc "$base" %.2f) s here): a second for a
second, where the figure is in seconds; a million operations for it, where it is in microseconds.

Machine: $(nproc) cores, $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1), Linux $(uname -r | cut -d- -f1),
$(sed -n 's/.*relay-node\[1\] relay-node [^:]*: //p' "$work/node.log" | head -1). Load average at the end: $(cut -d' ' -f1 /proc/loadavg).

## Together, on one core

| | | mark | ratio |
|---|---|---|---|
$together
Garbage collections in the relay, over all of these runs: $together_collections.

## Apart, the relay alone on its core

| | | mark | ratio |
|---|---|---|---|
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
