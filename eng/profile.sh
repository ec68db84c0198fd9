#!/usr/bin/env bash
# Says where the relay's CPU goes, by samples, beside what eng/benchmark.sh says of how much it is; writes its table of
# docs/benchmarks.md. What has its part in the kernel or in another library no cipher and no line of ours makes cheaper.
#
# The relay alone on its core, one loop, with both of relay-load's clients; see eng/measure.sh for ROUNDS, SHRINK and the rest.
# Samples are the relay's alone, and so are shares: they depend little on who else has the machine. Needs perf and openssl.
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/measure.sh
output=${OUTPUT:-docs/benchmarks.md}
command -v perf >/dev/null || { echo "perf is not installed (linux-perf)" >&2; exit 1; }

# The name of its files|what is measured|the clients|the run.
rows=(
  "echo|UDP echo, 1100 B, window 64|batched plain|echo --count $(size 300000) --size 1100 --window 64"
  "tunnels|200 tunnels of one connection, window 1|batched plain|echo --flows 200 --window 1 --count $(size 200000)"
  "connections|200 connections, window 1|plain|echo --connections 200 --flows 200 --window 1 --count $(size 200000)"
  "flood-down|flood, target to client|batched plain|flood-down --duration $(seconds 3)"
  "flood-up|flood, client to target|batched plain|flood-up --duration $(seconds 3)"
  "tcp-down|TCP, 1 GiB down|batched plain|tcp-down --bytes $(size $((1 << 30)))"
  "tcp-up|TCP, 1 GiB up|batched plain|tcp-up --bytes $(size $((1 << 30)))"
  "handshakes|handshakes (ECDSA P-256)|batched|handshakes --count $(size 2000)"
)
parts=(kernel ngtcp2 nghttp3 protection tls libc managed runtime)

# sample ROW PROFILE RUN…
sample() {
  local row=$1 profile=$2 sampler; shift 2
  for _ in $(seq 20); do                                               # perf gives up where a thread ends just as it looks
    perf record -q -e cpu-clock -F 997 -p "${pids[node]}" -o "$work/samples" 2>"$work/perf.log" &
    sampler=$!
    sleep 0.3
    kill -0 "$sampler" 2>/dev/null && break
  done
  load node "$@" --profile "$profile"
  kill -INT "$sampler" 2>/dev/null || { cat "$work/perf.log" >&2; exit 1; }
  wait "$sampler" || true
  perf report -i "$work/samples" --stdio --sort dso -n 2>/dev/null | awk -v OFS=: '
    $1 !~ /%$/ { next }
    { at = "runtime" }
    /\[kernel|\[vdso|\[guest/ { at = "kernel" }
    /libngtcp2\.so/ { at = "ngtcp2" }
    /libnghttp3/ { at = "nghttp3" }
    /libIPSec_MB|libngtcp2_crypto/ { at = "protection" }
    /libgnutls|libnettle|libhogweed|libgmp|libtasn1|libp11|libssl|libcrypto/ { at = "tls" }
    /libc\.so|libc-2/ { at = "libc" }
    /\.dll|doublemapper|\/\/anon|\[JIT\]|perf-[0-9]+\.map|\[unknown\]/ { at = "managed" }
    { print at, $2 }' >>"$work/$row.$profile"
}

prepare
start_relay node 1 "$port"
load node echo --count "$(size 100000)"                                # code is compiled and pools are filled
load node tcp-down --bytes "$(size $((256 << 20)))"
load node tcp-up --bytes "$(size $((256 << 20)))"
load node handshakes --count "$(size 500)"
for _ in $(seq "$rounds"); do
  for line in "${rows[@]}"; do
    IFS='|' read -r row what profiles run <<<"$line"
    # shellcheck disable=SC2086
    for profile in $profiles; do sample "$row" "$profile" $run; done
  done
done

share() { awk -F: -v part="$2" '{ all += $2 } $1 == part { own += $2 } END { printf "%.0f", 100 * own / all }' "$work/$1"; } # FILE PART

{
  printf "| share of the relay's CPU, %% |"
  printf ' %s |' kernel ngtcp2 nghttp3 "packet protection" TLS libc "managed code" runtime
  printf '\n|---|---|---|---|---|---|---|---|---|\n'
  for line in "${rows[@]}"; do
    IFS='|' read -r row what profiles run <<<"$line"
    for profile in $profiles; do
      printf '| %s%s |' "$what" "$([ "$profile" = batched ] || echo ", plain client")"
      for part in "${parts[@]}"; do printf ' %s |' "$(share "$row.$profile" "$part")"; done
      echo
    done
  done
  echo
  echo "$(nproc) cores,$(sed -n 's/^model name.*: / /p' /proc/cpuinfo | head -1);" \
    "$(sed -nE 's/.*relay-node [^ ]+: (ngtcp2.*)$/\1/p' "$work/node.log");" \
    "$(sed -nE 's/.*(packet protection: .*)$/\1./p' "$work/node.log")"
  echo "Of $(cut -d: -f2 "$work"/*.batched "$work"/*.plain | awk '{ s += $1 } END { print s }') samples."
} >"$work/table"
write_table eng/profile.sh
