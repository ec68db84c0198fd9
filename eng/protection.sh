#!/usr/bin/env bash
# Measures what packet protection by libipsec_mb saves, and writes its table of docs/benchmarks.md.
#
# Two relays of one build, --packet-protection library and ipsec-mb, one loop each, on loopback, take turns within each of three
# rounds: machines that are shared differ from minute to minute, so what counts is the ratio of one round. Twice: with relay,
# client and target on one core, and with the relays alone on theirs. Takes a quarter of an hour.
set -euo pipefail
cd "$(dirname "$0")/.."

port=${PORT:-4433}
configuration=${CONFIGURATION:-Release}
output=docs/benchmarks.md
begin='<!-- eng/protection.sh writes this -->'
end='<!-- until here -->'
work=$(mktemp -d)
declare -A nodes=() ports=([library]=$port [ipsec-mb]=$((port + 1)))
stop_nodes() { for pid in "${nodes[@]}"; do kill "$pid" 2>/dev/null || true; wait "$pid" || true; done; nodes=(); }
finish() { stop_nodes; rm -rf "$work"; }
trap finish EXIT

dotnet build src/Relay.Node/Relay.Node.csproj -c "$configuration" --nologo -v quiet
dotnet build tools/Relay.Load/Relay.Load.csproj -c "$configuration" --nologo -v quiet
node=src/Relay.Node/bin/$configuration/net10.0/relay-node.dll
load=tools/Relay.Load/bin/$configuration/net10.0/relay-load.dll

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout "$work/key.pem" \
  -out "$work/cert.pem" -subj "/CN=localhost" -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" 2>/dev/null
printf '[overrides]\ntls-disabled-cipher = aes-128-gcm\ntls-disabled-cipher = aes-256-gcm\n' >"$work/chacha"

start_nodes() { # CPU
  local backend
  for backend in library ipsec-mb; do
    taskset -c "$1" dotnet "$node" -a "127.0.0.1:${ports[$backend]}" --tls-cert-path "$work/cert.pem" \
      --tls-private-key-path "$work/key.pem" --allow-target 127.0.0.0/8 --workers 1 --packet-protection "$backend" \
      2>"$work/$backend.log" &
    nodes[$backend]=$!
    for _ in $(seq 100); do grep -q listening "$work/$backend.log" && break; sleep 0.1; done
    grep -q "packet protection: $backend" "$work/$backend.log" || { cat "$work/$backend.log" >&2; exit 1; }
  done
}

# run BACKEND CIPHERS KEY MODE OPTIONS…: one run; prints its figure. CIPHERS is a file of GnuTLS' settings for the client.
run() {
  local backend=$1 ciphers=$2 key=$3; shift 3
  GNUTLS_SYSTEM_PRIORITY_FILE=$ciphers taskset -c 0 dotnet "$load" "$@" --relay "127.0.0.1:${ports[$backend]}" --insecure \
    --relay-pid "${nodes[$backend]}" --json >"$work/result.json" 2>"$work/load.log" \
    || { cat "$work/result.json" "$work/load.log" >&2; exit 1; }
  sed -nE "s/^ *\"$key\": ([-0-9.]+),?$/\1/p" "$work/result.json"
}

# ratios WHAT PLACEMENT CIPHERS KEY MODE OPTIONS…: three rounds; the middle ratio and the worst go to a file.
ratios() {
  local name=$1.$2 before after; shift 2
  for _ in 1 2 3; do
    before=$(run library "$@")
    after=$(run ipsec-mb "$@")
    awk "BEGIN { printf \"%.2f\n\", $after / $before }"
  done | sort -g >"$work/ratios"
  echo "$(sed -n 2p "$work/ratios") ($(sed -n 3p "$work/ratios"))" >"$work/$name"
}

for placement in together apart; do
  start_nodes $([ "$placement" = together ] && echo 0 || echo 1)
  for backend in library ipsec-mb; do                              # code is compiled and pools are filled
    run "$backend" /dev/null relay_cpu_us_per_echo echo --count 100000 >/dev/null
    run "$backend" /dev/null relay_cpu_seconds tcp-down --bytes 256MiB >/dev/null
  done
  ratios echo "$placement" /dev/null relay_cpu_us_per_echo echo --count 300000 --size 1100 --window 64
  ratios tunnels "$placement" /dev/null relay_cpu_us_per_echo echo --flows 200 --window 1 --count 200000
  ratios flood-down "$placement" /dev/null relay_cpu_us_per_datagram flood-down --duration 3
  ratios flood-up "$placement" /dev/null relay_cpu_us_per_datagram flood-up --duration 3
  ratios tcp-down "$placement" /dev/null relay_cpu_seconds tcp-down --bytes 1GiB
  ratios tcp-up "$placement" /dev/null relay_cpu_seconds tcp-up --bytes 1GiB
  ratios chacha "$placement" "$work/chacha" relay_cpu_us_per_echo echo --count 150000 --size 1100 --window 64
  stop_nodes
done

{
  echo '| CPU with libipsec_mb, in that with GnuTLS: median (worst) | together | apart |'
  echo '|---|---|---|'
  while read -r file name; do
    echo "| $name | $(cat "$work/$file.together") | $(cat "$work/$file.apart") |"
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
    "$(sed -nE 's/.*(GnuTLS [0-9.]+)$/\1/p' "$work/library.log"). Load average at the end: $(cut -d' ' -f1 /proc/loadavg)."
} >"$work/table"
awk -v begin="$begin" -v end="$end" -v table="$work/table" '
  $0 == begin { print; while ((getline line < table) > 0) print line; skip = 1 }
  $0 == end { skip = 0 }
  !skip' "$output" >"$work/document"
cp "$work/document" "$output"
cat "$work/table"
