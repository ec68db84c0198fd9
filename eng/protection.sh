#!/usr/bin/env bash
# Measures what packet protection by libipsec_mb saves, and writes its table of docs/benchmarks.md.
#
# Two relays of one build, --packet-protection library and ipsec-mb, one loop each, on loopback, take turns within each
# round: machines that are shared differ from minute to minute, so what counts is the ratio of one round. Twice: with relay,
# client and target on one core, and with the relays alone on theirs; and each time with both of relay-load's clients. Takes half
# an hour.
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/measure.sh

output=${OUTPUT:-docs/benchmarks.md}
prepare
printf '[overrides]\ntls-disabled-cipher = aes-128-gcm\ntls-disabled-cipher = aes-256-gcm\n' >"$work/chacha"

start_relays() { # CPU
  local backend at=$port
  for backend in library ipsec-mb; do
    start_relay $backend "$1" $((at++)) --packet-protection $backend
    grep -q "packet protection: $backend" "$work/$backend.log" || { cat "$work/$backend.log" >&2; exit 1; }
  done
}

# run BACKEND CIPHERS KEY MODE OPTIONS…: one run; prints its figure. CIPHERS is a file of GnuTLS' settings for the client.
run() {
  local backend=$1 ciphers=$2 key=$3; shift 3
  GNUTLS_SYSTEM_PRIORITY_FILE=$ciphers load "$backend" "$@"
  value "$key"
}

# ratios WHAT PLACEMENT CIPHERS KEY MODE OPTIONS…: of all rounds the middle ratio and the worst, for each client, go to a file.
ratios() {
  local name=$1.$2 profile before after; shift 2
  for profile in batched plain; do
    for _ in $(seq "$rounds"); do
      before=$(run library "$@" --profile $profile)
      after=$(run ipsec-mb "$@" --profile $profile)
      calc "$after / $before" '%.2f\n'
    done >"$work/ratios"
    echo "$(median <"$work/ratios") ($(sort -g "$work/ratios" | tail -1))" >"$work/$name.$profile"
  done
}

for placement in together apart; do
  start_relays $([ "$placement" = together ] && echo 0 || echo 1)
  warm library ipsec-mb
  ratios echo "$placement" /dev/null relay_cpu_us_per_echo echo --count "$(size 300000)" --size 1100 --window 64
  ratios tunnels "$placement" /dev/null relay_cpu_us_per_echo echo --flows 200 --window 1 --count "$(size 200000)"
  ratios flood-down "$placement" /dev/null relay_cpu_us_per_datagram flood-down --duration "$(seconds 3)"
  ratios flood-up "$placement" /dev/null relay_cpu_us_per_datagram flood-up --duration "$(seconds 3)"
  ratios tcp-down "$placement" /dev/null relay_cpu_seconds tcp-down --bytes "$(size $((1 << 30)))"
  ratios tcp-up "$placement" /dev/null relay_cpu_seconds tcp-up --bytes "$(size $((1 << 30)))"
  ratios chacha "$placement" "$work/chacha" relay_cpu_us_per_echo echo --count "$(size 150000)" --size 1100 --window 64
  stop library ipsec-mb
done

{
  echo '| CPU with libipsec_mb, in that with GnuTLS: median (worst) | together | apart | plain client, together | apart |'
  echo '|---|---|---|---|---|'
  while read -r file name; do
    printf '| %s |' "$name"
    for which in {together,apart}.batched {together,apart}.plain; do printf ' %s |' "$(cat "$work/$file.$which")"; done
    echo
  done <<'ROWS'
echo UDP echo, 1100 B, window 64
tunnels 200 tunnels, window 1
flood-down flood, target to client
flood-up flood, client to target
tcp-down TCP, 1 GiB down
tcp-up TCP, 1 GiB up
chacha UDP echo, 1100 B, window 64, with ChaCha20-Poly1305
ROWS
  echo
  echo "$(sed -nE 's/.*packet protection: ipsec-mb \((.*)\)/\1/p' "$work/ipsec-mb.log") against" \
    "$(sed -nE 's/.*(GnuTLS [0-9.]+)$/\1/p' "$work/library.log"); $(conditions). Load average at the end: $(load_average)."
} >"$work/table"
write_table eng/protection.sh
