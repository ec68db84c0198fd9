#!/usr/bin/env bash
# Runs a relay under all kinds of tunnels and clients that come and go, for an hour, and asserts what must be so at its end.
#
# Taking turns, as long as it lasts: TCP both ways and UDP over HTTP/3 (datagrams, capsules, both mixed, from ports that change),
# HTTP/2 and HTTP/1.1; connections that only open and close; clients that are killed with their tunnels open. OUTPUT=docs/hardening.md
# writes the table there; see eng/measure.sh for the rest.
set -euo pipefail
program=$(basename "$0")

usage() {
  cat <<'TEXT'
usage: eng/soak.sh [--seconds N] [--pause N]

Runs relay-load against a relay of its own on loopback for so many seconds, 3600 if none are named. The status is 0 where in the end
its resident memory was flat over the last half, it has no connection, no tunnel and no descriptor more than before, each tunnel
was closed once, and every byte that clients and targets sent has arrived where it was to go.

  --seconds N  how long
  --pause N    seconds between two runs of relay-load, 0 if left out: to leave a machine to others
  --help       prints this

PORT (4433) is the relay's, METRICS (the next) that of its metrics.
TEXT
}

duration=3600 pause=0
while [ $# -gt 0 ]; do
  case $1 in
    --help) usage; exit 0 ;;
    --seconds | --pause)
      [[ ${2-} =~ ^[0-9]+(\.[0-9]+)?$ ]] || { echo "$program: $1 takes a number" >&2; exit 2; }
      if [ "$1" = --pause ]; then pause=$2; else duration=${2%.*}; fi
      shift 2
      ;;
    *) usage >&2; exit 2 ;;
  esac
done

cd "$(dirname "$0")/.."
. eng/measure.sh
output=${OUTPUT-}
metrics=127.0.0.1:${METRICS:-$((port + 1))}
readonly flow_bytes=$((4 << 20)) flows=4 echoes=4000 echo_size=1100
# What a client that is killed sends has another size: what of it arrived nobody can tell.
readonly killed_size=64
prepare

metric() { curl -fsS "http://$metrics/metrics" | awk -v name="$1" '$1 ~ "^" name { s += $NF } END { printf "%.0f", s }'; } # PATTERN
resident() { awk '/^VmRSS/ { print $2 }' "/proc/${pids[node]}/status"; }
# The runtime opens an assembly when its first type is needed, which may be late, and keeps it open.
descriptors() { find "/proc/${pids[node]}/fd" -mindepth 1 ! -lname '*.dll' 2>/dev/null | wc -l; }
# What they are, by kind.
kinds() { find "/proc/${pids[node]}/fd" -mindepth 1 -printf '%l\n' 2>/dev/null | sed 's/:\[.*//' | sort | uniq -c; }
relay_cpu() { cpu_seconds "${pids[node]}"; }

up=0 down=0 sent=0 runs=0 killed=0
# transfer HTTP MODE: what the client says of it is added to what must have passed. A stream begins with 16 bytes that ask for it, and
# ends with a digest of 32 behind it, or, of one to the target, its length of 8 besides.
transfer() {
  local http=$1 mode=$2
  load node "$mode" --http "$http" --flows "$flows" --bytes "$flow_bytes"
  if [ "$mode" = tcp-up ]; then
    up=$((up + $(value bytes) + flows * 16)) down=$((down + flows * 40))
  else
    up=$((up + flows * 16)) down=$((down + $(value bytes) + flows * 32))
  fi
}

echoes() { # HTTP OPTIONS…
  local http=$1; shift
  load node echo --http "$http" --flows "$flows" --count "$echoes" --size "$echo_size" --window 8 --fail-on-loss --timeout 60 "$@"
  sent=$((sent + $(value sent)))
}

# A client that is killed while its tunnels are open, and says nothing of it.
kill_client() { # HTTP
  local client begun
  begun=$(metric relay_http_tunnels_total)
  taskset -c 0 dotnet "tools/Relay.Load/bin/$configuration/net10.0/relay-load.dll" echo --relay "127.0.0.1:$port" --insecure \
    --http "$1" --flows "$flows" --size "$killed_size" --window 1 --duration 30 >"$work/killed" 2>&1 &
  client=$!
  for _ in $(seq 100); do
    [ "$(metric relay_http_tunnels_total)" -lt $((begun + flows)) ] || break
    sleep 0.1
  done
  kill -KILL "$client"
  wait "$client" 2>/dev/null || true
  killed=$((killed + 1))
}

# Each line is one run of relay-load.
readonly steps=(
  'transfer 3 tcp-down' 'echoes 3' 'transfer 2 tcp-up' 'echoes 1' 'transfer 1 tcp-down' 'kill_client 3'
  'echoes 3 --carrier Capsule' 'transfer 3 tcp-up' 'load node handshakes --http 3 --count 50' 'echoes 2' 'transfer 1 tcp-up'
  'echoes 3 --carrier Mixed' 'kill_client 2' 'load node handshakes --http 2 --count 20' 'transfer 2 tcp-down'
  'echoes 3 --rebind-every 500' 'load node idle 100 --http 3 --hold 0.1' 'kill_client 1'
  'load node idle 50 --http 1 --hold 0.1'
)

start_relay node "0-$(($(nproc) - 1))" "$port" --metrics-address "$metrics" --access-log "$work/access.log" \
  --max-tunnels 1024 --quic-idle-timeout-secs 5
# What is opened once is open now.
${steps[0]}
metric relay_tunnels_active >/dev/null
before=$(descriptors)
kinds >"$work/kinds"
began=$SECONDS
echo "soaking for $duration s"
# Each once at least.
while [ "$runs" -lt ${#steps[@]} ] || [ $((SECONDS - began)) -lt "$duration" ]; do
  ${steps[runs % ${#steps[@]}]}
  runs=$((runs + 1))
  resident >>"$work/resident"
  sleep "$pause"
done
lasted=$((SECONDS - began))

# Clients that were killed are given up after 5 s, and their last packets are remembered for three probe timeouts.
for _ in $(seq 60); do
  after=$(descriptors) connections=$(metric relay_connections_active) tunnels=$(metric relay_tunnels_active)
  [ "$connections $tunnels" != '0 0' ] || [ "$after" -gt "$before" ] || break
  sleep 1
done

failed=0
expect() { # WHAT EXPECTED GOT
  [ "$2" = "$3" ] && return
  echo "$program: $1: ${3:-none}, where ${2:-none} was expected" >&2
  failed=1
}
expect 'connections that are open' 0 "$connections"
expect 'tunnels that are open' 0 "$tunnels"
if [ "$after" -gt "$before" ]; then
  expect 'descriptors' "at most $before" "$after"
  kinds | diff "$work/kinds" - >&2 || true
fi

counted=()
begun=$(metric relay_http_tunnels_total) closed=$(metric relay_tunnels_total)
for what in 'tcp upstream' 'tcp downstream' 'udp upstream' 'udp downstream'; do
  read -r type way <<<"$what"
  counted[${#counted[@]}]=$(curl -fsS "http://$metrics/metrics" \
    | awk -v type="type=\"$type\"" -v way="direction=\"$way\"" '/^relay_bytes_total/ && index($1, type) && index($1, way) { print $NF }')
done
dropped=$(metric 'relay_datagram_drops_total')
cpu=$(relay_cpu)
kill "${pids[node]}"
status=0; wait "${pids[node]}" || status=$?
unset 'pids[node]'
expect 'status of the relay' 0 "$status"
warnings=$(grep -E '(warn|fail|crit): ' "$work/node.log" || true)
expect 'warnings and errors' '' "$warnings"

# Of the access log: lines, bytes of all tunnels by kind, and of those whose client was not killed.
read -r lines all_tcp_up all_tcp_down all_udp_up all_udp_down kept_tcp_up kept_tcp_down kept_up kept_down < <(awk -v killed="$killed_size" '
  { delete of; for (i = 1; i <= NF; i++) { split($i, pair, "="); of[pair[1]] = pair[2] } }
  { all[of["type"], "up"] += of["bytes_up"]; all[of["type"], "down"] += of["bytes_down"] }
  of["type"] == "tcp" || of["bytes_up"] != killed * of["datagrams_up"] {
    kept[of["type"], "up"] += of[of["type"] == "tcp" ? "bytes_up" : "datagrams_up"]
    kept[of["type"], "down"] += of[of["type"] == "tcp" ? "bytes_down" : "datagrams_down"]
  }
  END {
    printf "%.0f %.0f %.0f %.0f %.0f %.0f %.0f %.0f %.0f\n", NR, all["tcp", "up"], all["tcp", "down"], all["udp", "up"], all["udp", "down"],
      kept["tcp", "up"], kept["tcp", "down"], kept["udp", "up"], kept["udp", "down"]
  }' "$work/access.log")
expect 'tunnels that were closed, of those begun' "$begun" "$closed"
expect 'lines of the access log' "$begun" "$lines"
expect 'bytes counted and logged' "${counted[*]}" "$all_tcp_up $all_tcp_down $all_udp_up $all_udp_down"
expect 'TCP bytes from clients to targets' "$up" "$kept_tcp_up"
expect 'TCP bytes from targets to clients' "$down" "$kept_tcp_down"
expect 'datagrams from clients to targets' "$sent" "$kept_up"
expect 'datagrams from targets to clients' "$sent" "$kept_down"
expect 'datagrams that were dropped' 0 "$dropped"

# Flat: the least of the last quarter beside that of the one before. In between garbage gathers, a few MiB a minute, until the node
# collects it and gives it back; and a run of minutes still compiles code, and fills pools.
quarter() {
  awk -v number="$1" -v of="$runs" 'NR > (number - 1) * of / 4 && NR <= number * of / 4' "$work/resident" | sort -g | head -1
}
third=$(quarter 3) last=$(quarter 4)
allowed=$((lasted >= 600 ? third * 102 / 100 + 2048 : third * 115 / 100 + 16384))
[ "$last" -le "$allowed" ] || expect 'KiB resident at least in the last quarter' "at most $allowed" "$last"

{
  echo '| lasted | runs, clients killed | tunnels begun, closed | TCP, MiB up and down | datagrams each way | relay CPU | resident at least, third and last quarter | descriptors before, after |'
  echo '|---|---|---|---|---|---|---|---|'
  echo "| $lasted s | $runs, $killed | $begun, $closed | $((up >> 20)), $((down >> 20)) | $sent | $(calc "$cpu" %.0f) s" \
    "| $third KiB, $last KiB | $before, $after |"
} >"$work/table"
if [ -n "$output" ]; then write_table eng/soak.sh; else cat "$work/table"; fi
exit "$failed"
