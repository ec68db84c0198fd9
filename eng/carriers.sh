#!/usr/bin/env bash
# Measures what a tunnel costs over each version of HTTP, and writes its table of docs/benchmarks.md.
#
# One loop, loopback, relay-load with --http 1, 2 and 3, of which HTTP/3 with both of its clients, the relay alone on its core.
# They take turns within each round, and with them openssl's s_server, which sends 1 GiB to its own client by the
# relay's cipher (AES-128-GCM) and does nothing else: machines that are shared differ from minute to minute, so a figure is a
# ratio to what stands beside it. Takes four minutes; needs openssl.
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/measure.sh

output=${OUTPUT:-docs/benchmarks.md}
bytes=$(size $((1 << 30)))
declare -A clients=([3]="--http 3" [plain]="--http 3 --profile plain" [2]="--http 2" [1]="--http 1")
order=(3 plain 2 1)
prepare

# run FILE KEY CLIENT MODE OPTIONS…: one run; its figure goes to the file of that name.
run() {
  local file=$1 key=$2 client=$3; shift 3
  # shellcheck disable=SC2086
  load node "$@" ${clients[$client]}
  value "$key" >>"$work/$file"
}

# The same bytes by openssl, and nothing else: in CPU of the server.
baseline() {
  local before
  before=$(cpu_seconds "${pids[server]}")
  printf 'GET /file HTTP/1.0\r\n\r\n' \
    | taskset -c 0 openssl s_client -quiet -connect "127.0.0.1:$((port + 1))" 2>/dev/null | wc -c >"$work/got" || true
  [ "$(cat "$work/got")" -ge "$bytes" ] || { echo "openssl sent $(cat "$work/got") bytes" >&2; exit 1; }
  calc "$(cpu_seconds "${pids[server]}") - $before" '%.3f\n' >>"$work/baseline"
}

truncate -s "$bytes" "$work/file"
(cd "$work" && exec taskset -c 1 openssl s_server -accept "127.0.0.1:$((port + 1))" -cert cert.pem -key key.pem -WWW -quiet \
  -ciphersuites TLS_AES_128_GCM_SHA256 \
  >/dev/null 2>&1) &
pids[server]=$!
start_relay node 1 "$port"

for client in "${order[@]}"; do                                    # code is compiled and pools are filled
  run warm relay_cpu_seconds "$client" tcp-down --bytes $((bytes / 4))
  run warm relay_cpu_seconds "$client" tcp-up --bytes $((bytes / 4))
  run warm relay_cpu_us_per_echo "$client" echo --count "$(size 50000)"
done
for round in $(seq "$rounds"); do
  baseline
  for client in "${order[@]}"; do
    for what in down up; do
      run "$what$client" relay_cpu_seconds "$client" tcp-$what --bytes "$bytes"
    done
    run "echo$client" relay_cpu_us_per_echo "$client" echo --count "$(size 200000)" --size 1100 --window 64
    calc "$(tail -1 "$work/echo$client") / $(tail -1 "$work/echo3")" '%.6g\n' >>"$work/ratio-echo$client"
  done
  baseline
  # To what stood before and after it in its own round.
  base=$(awk -v first=$((2 * round - 1)) 'NR >= first { s += $1 } END { print s / 2 }' "$work/baseline")
  for client in "${order[@]}"; do
    for what in down up; do
      calc "$(tail -1 "$work/$what$client") / $base" '%.6g\n' >>"$work/ratio-$what$client"
    done
  done
done
stop node

two() { calc "$(median <"$work/$1")" %.2f; } # FILE
{
  echo '| | HTTP/3 | HTTP/3, plain client | HTTP/2 | HTTP/1.1 |'
  echo '|---|---|---|---|---|'
  for what in down up; do
    printf '| TCP, 1 GiB %s: CPU, in that of s_server for the same bytes (%s s) |' "$what" "$(two baseline)"
    for client in "${order[@]}"; do printf ' %s (%s s) |' "$(two "ratio-$what$client")" "$(two "$what$client")"; done
    echo
  done
  printf '| UDP echo, 1100 B, window 64: CPU, in that of HTTP/3 |'
  for client in "${order[@]}"; do printf ' %s (%s µs) |' "$(two "ratio-echo$client")" "$(two "echo$client")"; done
  echo
  echo
  echo "$(nproc) cores,$(sed -n 's/^model name.*: / /p' /proc/cpuinfo | head -1), Linux $(uname -r), $(openssl version | cut -d' ' -f1,2);"
  sed -nE 's/.*relay-node [^ ]+: (ngtcp2.*)$/\1;/p' "$work/node.log"
  sed -nE 's/.*(packet protection: .*)$/\1./p' "$work/node.log"
  echo
  echo "$(conditions). Garbage collections in the relay, over all of these runs: $(collections node). Load average at the end: $(load_average)."
} >"$work/table"
write_table eng/carriers.sh
