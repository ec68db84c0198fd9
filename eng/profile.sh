#!/usr/bin/env bash
# Says where the relay's CPU goes, by samples, beside what eng/benchmark.sh says of how much it is; writes its table of
# docs/benchmarks.md. What has its part in the kernel or in another library no cipher and no line of ours makes cheaper.
#
#   BASE   a revision, which is built and sampled as well, or a folder with another build's relay-node.dll
#
# One loop each, with both of relay-load's clients: the relay alone on its core, and the first of the rows with client and target on
# its core, too. Samples are the relay's alone, and so are shares: they depend little on who else has the machine. Where the kernel
# counts system calls, their number for each echo, datagram, MiB or handshake stands beside them. See eng/measure.sh for ROUNDS,
# SHRINK and the rest. Needs perf and openssl.
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/measure.sh
output=${OUTPUT:-docs/benchmarks.md}
base=${BASE-}
builds=(node)
command -v perf >/dev/null || { echo "perf is not installed (linux-perf)" >&2; exit 1; }

# The name of its files|what is measured|the clients|where|what relay-load counts, and how much of it is one|the run.
rows=(
  "echo|UDP echo, 1100 B, window 64|batched plain|apart together|echoes|1|echo --count $(size 300000) --size 1100 --window 64"
  "chacha|UDP echo with ChaCha20-Poly1305|batched plain|apart together|echoes|1|echo --count $(size 150000) --size 1100 --window 64"
  "tunnels|200 tunnels of one connection, window 1|batched plain|apart together|echoes|1|echo --flows 200 --window 1 --count $(size 200000)"
  "connections|200 connections, window 1|plain|apart together|echoes|1|echo --connections 200 --flows 200 --window 1 --count $(size 200000)"
  "flood-down|flood, target to client|batched plain|apart|received|1|flood-down --duration $(seconds 3)"
  "flood-up|flood, client to target|batched plain|apart|delivered|1|flood-up --duration $(seconds 3)"
  "tcp-down|TCP, 1 GiB down|batched plain|apart together|bytes|1048576|tcp-down --bytes $(size $((1 << 30)))"
  "tcp-up|TCP, 1 GiB up|batched plain|apart together|bytes|1048576|tcp-up --bytes $(size $((1 << 30)))"
  "handshakes|handshakes (ECDSA P-256)|batched|apart|completed|1|handshakes --count $(size 2000)"
)
parts=(kernel ngtcp2 nghttp3 protection tls libc managed runtime)

# sample BUILD ROW.CLIENT.PLACEMENT COUNTED UNIT RUN…
sample() {
  local build=$1 file=$2.$1 counted=$3 unit=$4 sampler; shift 4
  for _ in $(seq 20); do                                               # perf gives up where a thread ends just as it looks
    perf record -q -e cpu-clock -F 997 -p "${pids[$build]}" -o "$work/samples" 2>"$work/perf.log" &
    sampler=$!
    sleep 0.3
    kill -0 "$sampler" 2>/dev/null && break
  done
  load "$build" "$@"
  kill -INT "$sampler" 2>/dev/null || { cat "$work/perf.log" >&2; exit 1; }
  wait "$sampler" || true
  [ -z "$counts" ] || calc "$(cut -d, -f1 "$work/counted") * $unit / $(value "$counted")" '%.6g\n' >>"$work/$file.calls"
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
    { print at, $2 }' >>"$work/$file.samples"
}

# measure PLACEMENT CPU
measure() {
  local build line row what profiles places counted unit run profile ciphers at=$port
  for build in "${builds[@]}"; do start_relay "$build" "$2" $((at++)); done
  warm "${builds[@]}"
  for _ in $(seq "$rounds"); do
    for line in "${rows[@]}"; do
      IFS='|' read -r row what profiles places counted unit run <<<"$line"
      [[ $places = *$1* ]] || continue
      ciphers=/dev/null
      [ "$row" != chacha ] || ciphers=$work/chacha
      for profile in $profiles; do
        for build in "${builds[@]}"; do
          # shellcheck disable=SC2086
          GNUTLS_SYSTEM_PRIORITY_FILE=$ciphers sample "$build" "$row.$profile.$1" "$counted" "$unit" $run --profile "$profile"
        done
      done
    done
  done
  stop "${builds[@]}"
}

prepare
printf '[overrides]\ntls-disabled-cipher = aes-128-gcm\ntls-disabled-cipher = aes-256-gcm\n' >"$work/chacha"
if [ -n "$base" ]; then
  folders[base]=$(other_build "$base")
  builds=(base node)
fi
counts=raw_syscalls:sys_enter
perf stat -x, -e "$counts" true 2>&1 | grep -qE '^[0-9]+,' || counts=
measure apart 1
measure together 0

share() { awk -F: -v part="$2" '{ all += $2 } $1 == part { own += $2 } END { printf "%.0f", 100 * own / all }' "$work/$1.samples"; } # FILE PART

# line NAME FILE: one row of the table.
line() {
  local part
  printf '| %s |' "$1"
  for part in "${parts[@]}"; do printf ' %s |' "$(share "$2" "$part")"; done
  [ -z "$counts" ] || printf ' %.4g |' "$(median <"$work/$2.calls")"
  echo
}

{
  printf "| share of the relay's CPU, %% |"
  printf ' %s |' kernel ngtcp2 nghttp3 "packet protection" TLS libc "managed code" runtime
  [ -z "$counts" ] || printf ' system calls |'
  printf '\n|---|---|---|---|---|---|---|---|---|'
  [ -z "$counts" ] || printf -- '---|'
  echo
  for placement in apart together; do
    for row in "${rows[@]}"; do
      IFS='|' read -r row what profiles places _ <<<"$row"
      [[ $places = *$placement* ]] || continue
      for profile in $profiles; do
        name=$what$([ "$profile" = batched ] || echo ", plain client")$([ "$placement" = apart ] || echo ", together")
        line "$name" "$row.$profile.$placement.node"
        [ -z "$base" ] || line "— ${base##*/}" "$row.$profile.$placement.base"
      done
    done
  done
  echo
  echo "$(nproc) cores,$(sed -n 's/^model name.*: / /p' /proc/cpuinfo | head -1);" \
    "$(sed -nE 's/.*relay-node [^ ]+: (ngtcp2.*)$/\1/p' "$work/node.log");" \
    "$(sed -nE 's/.*(packet protection: .*)$/\1./p' "$work/node.log")"
  [ -z "$counts" ] || echo "System calls are for each echo, datagram that arrived, MiB or handshake; Linux counts them."
  echo "$(conditions). Of $(cut -d: -f2 "$work"/*.samples | awk '{ s += $1 } END { print s }') samples. Load average at the end: $(load_average)."
} >"$work/table"
write_table eng/profile.sh
