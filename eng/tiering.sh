#!/usr/bin/env bash
# Measures what the ways to compile the relay's own code make of its CPU, and writes its table of docs/benchmarks.md: as it runs, as
# the build has it, with and without profiles (TieredPGO), and ahead of time (ReadyToRun) with either.
#
# One loop each, the relays alone on their core, which take turns within each round: 200 connections of the plain client with one echo
# each, and handshakes, which run through the most code. Each relay is measured in its first run, and when it is warm.
#
#   READY  a folder with a build that was compiled ahead of time; without, one is published: for that dotnet restores the compiler,
#          microsoft.netcore.app.crossgen2
#
# See eng/measure.sh for ROUNDS, SHRINK and the rest.
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/measure.sh
output=${OUTPUT:-docs/benchmarks.md}
order=(plain unprofiled ready ready-unprofiled)
declare -A titles=([plain]="as it runs, by profiles" [unprofiled]="as it runs, without" [ready]="ahead of time, then by profiles"
  [ready-unprofiled]="ahead of time, then without")

# variant NAME FOLDER true|false: a copy of a build, whose code is compiled by profiles or not.
variant() {
  folders[$1]=$work/$1
  cp -r "$2" "$work/$1"
  sed -i -E "s/(\"System.Runtime.TieredPGO\": )(true|false)/\1$3/" "$work/$1/relay-node.runtimeconfig.json"
  grep -q "\"System.Runtime.TieredPGO\": $3" "$work/$1/relay-node.runtimeconfig.json" || { echo "no such setting in $2" >&2; exit 1; }
}

prepare
ready=${READY:-artifacts/builds/ready}
if [ -z "${READY-}" ]; then
  dotnet publish src/Relay.Node -c "$configuration" -r linux-x64 --self-contained false -p:PublishReadyToRun=true \
    -p:RunAnalyzers=false --nologo -v quiet -o "$ready" >&2
fi
plain=src/Relay.Node/bin/$configuration/net10.0
variant plain "$plain" true
variant unprofiled "$plain" false
variant ready "$ready" true
variant ready-unprofiled "$ready" false

connections=(echo --connections 200 --flows 200 --window 1 --count "$(size 200000)" --profile plain)
handshakes=(handshakes --count "$(size 2000)")

# note FILE NAME KEY RUN…: one figure of that relay.
note() {
  local file=$1 name=$2 key=$3; shift 3
  load "$name" "$@"
  value "$key" >>"$work/$file.$name"
}

for _ in $(seq "$rounds"); do
  at=$port
  for name in "${order[@]}"; do start_relay "$name" 1 $((at++)); done
  for state in cold warm; do
    [ "$state" = cold ] || warm "${order[@]}"
    for name in "${order[@]}"; do note "handshakes.$state" "$name" relay_cpu_us_per_handshake "${handshakes[@]}"; done
    for name in "${order[@]}"; do note "connections.$state" "$name" relay_cpu_us_per_echo "${connections[@]}"; done
  done
  stop "${order[@]}"
done

{
  echo "| CPU, µs; in ratio to the build's way | handshakes at first | handshakes | 200 connections at first | 200 connections |"
  echo '|---|---|---|---|---|'
  for name in "${order[@]}"; do
    printf '| %s |' "${titles[$name]}"
    for what in handshakes.cold handshakes.warm connections.cold connections.warm; do
      printf ' %s (%s) |' "$(calc "$(median <"$work/$what.$name")" %.4g)" \
        "$(calc "$(median <"$work/$what.$name") / $(median <"$work/$what.plain")" %.2f)"
    done
    echo
  done
  echo
  echo "$(nproc) cores,$(sed -n 's/^model name.*: / /p' /proc/cpuinfo | head -1); .NET $(dotnet --list-runtimes | sed -nE 's/^Microsoft.NETCore.App (10[^ ]*).*/\1/p' | tail -1);" \
    "$(conditions). Load average at the end: $(load_average)."
} >"$work/table"
write_table eng/tiering.sh
