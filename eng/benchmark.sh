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

gcc -O2 -o "$work/aead" eng/aead.c -lgnutls

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

# The marks were set on a machine where that took so many nanoseconds.
readonly reference_aead=288
aead() { taskset -c "$1" "$work/aead"; }

# median KEY CPU MODE OPTIONS…: three runs; sets figure and, as if the machine were the one of the marks, scaled; and how
# much was sent and lost in all of them.
median() {
  local key=$1 cpu=$2 before after lost_now sent_now; shift
  : >"$work/runs"
  for _ in 1 2 3; do
    before=$(aead "$cpu")
    run "$@"
    after=$(aead "$cpu")
    lost_now=$(value lost) sent_now=$(value sent)
    echo "$(value "$key") $before $after ${lost_now:-0} ${sent_now:-0}" >>"$work/runs"
    printf '%s\n%s\n' "$before" "$after" >>"$work/speeds"
  done
  figure=$(awk '{ print $1 }' "$work/runs" | sort -g | sed -n 2p)
  scaled=$(awk -v r="$reference_aead" '{ print $1 * r / (($2 + $3) / 2) }' "$work/runs" | sort -g | sed -n 2p)
  lost=$(awk '{ n += $4 } END { print n }' "$work/runs")
  sent=$(awk '{ n += $5 } END { print n }' "$work/runs")
}

rows=
# row NAME FORMAT UNIT MARK SECONDS: of the last median; SECONDS says how many of its unit are a second.
row() {
  rows+="| $1 | $(calc "$figure" "$2") $3 | $(calc "$scaled" "$2") | $4 | $(calc "$figure / $5 / $base" %.2f) |"$'\n'
}

measure() { # CPU
  rows=
  start_node "$1"
  run "$1" echo --count 100000                                     # warm-up: code is compiled and pools are filled
  run "$1" tcp-down --bytes 256MiB
  median relay_cpu_us_per_echo "$1" echo --count 500000 --size 1100 --window 64
  local echo=$figure
  row "echo, 1100 B, window 64; lost $lost" %.2f "µs an echo" "3.0" 1
  median relay_cpu_us_per_echo "$1" echo --count 300000 --carrier Capsule
  row "the same over capsules; lost $lost" %.2f "µs an echo ($(calc "$figure / $echo" %.2f) × datagrams)" "1.3 ×" 1
  median relay_cpu_us_per_echo "$1" echo --flows 200 --window 1 --count 300000
  row "200 tunnels, window 1; lost $lost" %.2f "µs an echo" "9.5" 1
  median relay_cpu_us_per_datagram "$1" flood-down --duration 3
  row "flood, target to client" %.2f "µs a datagram" "1.4" 1
  median relay_cpu_us_per_datagram "$1" flood-up --duration 3
  row "flood, client to target; lost $lost of $sent" %.2f "µs a datagram" "2.4" 1
  median relay_cpu_seconds "$1" tcp-down --bytes 1GiB
  row "TCP, 1 GiB down" %.2f "s" "1.1" 1
  median relay_cpu_seconds "$1" tcp-up --bytes 1GiB
  row "TCP, 1 GiB up" %.2f "s" "1.1" 1
  median relay_cpu_us_per_handshake "$1" handshakes --count 2000
  row "handshakes (ECDSA P-256)" %.0f "µs each" "" 1000
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
scheduler counts it; each figure is the median of three runs. *Together*: relay, client and target on one core, so that
packets arrive in batches. *Apart*: the relay alone on its core, which then wakes for few packets at a time.

*Scaled*: the marks were set on a machine where GnuTLS protects 1130 bytes with AES-128-GCM in $reference_aead ns. Here that took
$(sort -g "$work/speeds" | sed -n '1p;$p' | paste -sd- | sed 's/-/ to /') ns, measured before and after each run; the figure is multiplied by $reference_aead and divided by the mean of
the two. What waits for memory scales less than that.

*Ratio*: to the CPU that ngtcp2's own server needs to send 2 GiB to its own client in the same session ($(calc "$base" %.2f) s): a
second for a second, where the figure is in seconds; a million operations for it, where it is in microseconds.

Machine: $(nproc) cores, $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1), Linux $(uname -r | cut -d- -f1),
$(sed -n 's/.*relay-node\[1\] relay-node [^:]*: //p' "$work/node.log" | head -1). Load average at the end: $(cut -d' ' -f1 /proc/loadavg).

## Together, on one core

| | here | scaled | mark | ratio |
|---|---|---|---|---|
$together
Garbage collections in the relay, over all of these runs: $together_collections.

## Apart, the relay alone on its core

| | here | scaled | mark | ratio |
|---|---|---|---|---|
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
