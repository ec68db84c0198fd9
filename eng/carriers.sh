#!/usr/bin/env bash
# Measures what a tunnel costs over each version of HTTP, and writes its table of docs/benchmarks.md.
#
# One loop, loopback, relay-load with --http 1, 2 and 3, the relay alone on its core. The versions take turns within each of
# three rounds, and with them openssl's s_server, which sends 1 GiB to its own client by the relay's cipher (AES-128-GCM) and does nothing else: machines that are
# shared differ from minute to minute, so a figure is a ratio to what stands beside it. Takes three minutes; needs openssl.
set -euo pipefail
cd "$(dirname "$0")/.."

port=${PORT:-4433}
configuration=${CONFIGURATION:-Release}
output=docs/benchmarks.md
begin='<!-- eng/carriers.sh writes this -->'
end='<!-- until here -->'
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

cpu_seconds() { awk '{ s += $1 } END { printf "%.3f", s / 1e9 }' "/proc/$1"/task/*/schedstat; }
value() { sed -nE "s/^ *\"$1\": ([-0-9.]+),?$/\1/p" "$work/result.json"; }
median() { sort -g "$work/$1" | sed -n 2p; }

# run NAME KEY MODE OPTIONS…: one run; its figure goes to the file of that name.
run() {
  local name=$1 key=$2; shift 2
  taskset -c 0 dotnet "$load" "$@" --relay "127.0.0.1:$port" --insecure --relay-pid "$node_pid" --json \
    >"$work/result.json" 2>"$work/load.log" || { cat "$work/result.json" "$work/load.log" >&2; exit 1; }
  value "$key" >>"$work/$name"
}

# The same bytes by openssl, and nothing else: in CPU of the server.
baseline() {
  local before
  before=$(cpu_seconds "$server_pid")
  printf 'GET /file HTTP/1.0\r\n\r\n' \
    | taskset -c 0 openssl s_client -quiet -connect "127.0.0.1:$((port + 1))" 2>/dev/null | wc -c >"$work/got" || true
  [ "$(cat "$work/got")" -ge $((1 << 30)) ] || { echo "openssl sent $(cat "$work/got") bytes" >&2; exit 1; }
  awk "BEGIN { printf \"%.3f\n\", $(cpu_seconds "$server_pid") - $before }" >>"$work/baseline"
}

truncate -s 1G "$work/file"
(cd "$work" && exec taskset -c 1 openssl s_server -accept "127.0.0.1:$((port + 1))" -cert cert.pem -key key.pem -WWW -quiet \
  -ciphersuites TLS_AES_128_GCM_SHA256 \
  >/dev/null 2>&1) &
server_pid=$!
taskset -c 1 dotnet "$node" -a "127.0.0.1:$port" --tls-cert-path "$work/cert.pem" --tls-private-key-path "$work/key.pem" \
  --allow-target 127.0.0.0/8 --workers 1 2>"$work/node.log" &
node_pid=$!
for _ in $(seq 100); do grep -q listening "$work/node.log" && break; sleep 0.1; done

for http in 1 2 3; do                                              # code is compiled and pools are filled
  run warm relay_cpu_seconds tcp-down --http $http --bytes 256MiB
  run warm relay_cpu_seconds tcp-up --http $http --bytes 256MiB
  run warm relay_cpu_us_per_echo echo --http $http --count 50000
done
for round in 1 2 3; do
  baseline
  for http in 3 2 1; do
    for what in down up; do
      run "$what$http" relay_cpu_seconds tcp-$what --http $http --bytes 1GiB
    done
    run "echo$http" relay_cpu_us_per_echo echo --http $http --count 200000 --size 1100 --window 64
    awk "BEGIN { print $(tail -1 "$work/echo$http") / $(tail -1 "$work/echo3") }" >>"$work/ratio-echo$http"
  done
  baseline
  # To what stood before and after it in its own round.
  base=$(awk -v first=$((2 * round - 1)) 'NR >= first { s += $1 } END { print s / 2 }' "$work/baseline")
  for which in {down,up}{1,2,3}; do
    awk "BEGIN { print $(tail -1 "$work/$which") / $base }" >>"$work/ratio-$which"
  done
done
kill "$node_pid"; wait "$node_pid" || true; node_pid=
collections=$(sed -nE 's/.*collections: ([0-9]+ of generation 0).*/\1/p' "$work/node.log")

two() { awk "BEGIN { printf \"%.2f\", $1 }"; }
{
  echo '| | HTTP/3 | HTTP/2 | HTTP/1.1 |'
  echo '|---|---|---|---|'
  for what in down up; do
    printf '| TCP, 1 GiB %s: CPU, in that of s_server for the same bytes (%s s) |' "$what" "$(two "$(sort -g "$work/baseline" | sed -n 3p)")"
    for http in 3 2 1; do
      printf ' %s (%s s) |' "$(two "$(median ratio-$what$http)")" "$(two "$(median $what$http)")"
    done
    echo
  done
  printf '| UDP echo, 1100 B, window 64: CPU, in that of HTTP/3 |'
  for http in 3 2 1; do printf ' %s (%s µs) |' "$(two "$(median ratio-echo$http)")" "$(two "$(median echo$http)")"; done
  echo
  echo
  echo "$(nproc) cores,$(sed -n 's/^model name.*: / /p' /proc/cpuinfo | head -1), Linux $(uname -r), $(openssl version | cut -d' ' -f1,2);"
  sed -nE 's/.*relay-node [^ ]+: (ngtcp2.*)$/\1;/p' "$work/node.log"
  sed -nE 's/.*(packet protection: .*)$/\1./p' "$work/node.log"
  echo
  echo "Garbage collections in the relay, over all of these runs: $collections. Load average at the end: $(cut -d' ' -f1 /proc/loadavg)."
} >"$work/table"
awk -v begin="$begin" -v end="$end" -v table="$work/table" '
  $0 == begin { print; while ((getline line < table) > 0) print line; skip = 1 }
  $0 == end { skip = 0 }
  !skip' "$output" >"$work/document"
cp "$work/document" "$output"
cat "$work/table"
