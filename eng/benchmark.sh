#!/usr/bin/env bash
# Measures what the relay's work costs, beside another build of it and beside servers of others, and writes its table of
# docs/benchmarks.md.
#
#   BASE   a revision, which is built as well, or a folder with another build's relay-node.dll: without, there are no ratios
#   ROWS   a pattern of the rows to measure (the first word of each below, and memory); all. Of the others the document's table
#          keeps what it has, and a line says of which run each is; a table of another build, machine or library stays as it is
#   COUNT  what perf is to count of the relay, where this machine counts it; instructions:u
#
# One loop each, loopback. Relays of both builds, and the servers of eng/peers.sh, take turns within each round: machines that
# are shared differ from minute to minute, so what counts is the ratio. With relay, client and target on one core, and with the
# relays alone on theirs; each with both of relay-load's clients. Takes half an hour with BASE.
# Needs openssl; gcc and libgnutls28-dev to say how fast the machine is.
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/measure.sh
. eng/peers.sh

output=${OUTPUT:-docs/benchmarks.md}
base=${BASE-}
wanted=${ROWS:-.}
variants=(together.batched together.plain apart.batched apart.plain)
builds=(node)

# The name of its files|what is measured|the result of relay-load|unit|mark: the most in ratio to the build before issue 14|
# the variants, all if left out|the run.
rows=(
  "echo|UDP echo, 1100 B, window 64|relay_cpu_us_per_echo|µs|0.80||echo --count $(size 300000) --size 1100 --window 64"
  "capsules|UDP echo over capsules|relay_cpu_us_per_echo|µs|||echo --count $(size 200000) --size 1100 --window 64 --carrier Capsule"
  "chacha|UDP echo with ChaCha20-Poly1305|relay_cpu_us_per_echo|µs|0.45||echo --count $(size 150000) --size 1100 --window 64"
  "tunnels|200 tunnels of one connection, window 1|relay_cpu_us_per_echo|µs|0.80||echo --flows 200 --window 1 --count $(size 200000)"
  "connections|200 connections, window 1|relay_cpu_us_per_echo|µs|0.70|apart.plain|echo --connections 200 --flows 200 --window 1 --count $(size 200000)"
  "flood-down|flood, target to client|relay_cpu_us_per_datagram|µs|0.75||flood-down --duration $(seconds 3)"
  "flood-up|flood, client to target|relay_cpu_us_per_datagram|µs|0.80||flood-up --duration $(seconds 3)"
  "tcp-down|TCP, 1 GiB down|relay_cpu_seconds|s|0.75||tcp-down --bytes $(size $((1 << 30)))"
  "tcp-up|TCP, 1 GiB up|relay_cpu_seconds|s|0.85||tcp-up --bytes $(size $((1 << 30)))"
  "handshakes|handshakes (ECDSA P-256)|relay_cpu_us_per_handshake|µs|0.55, by OpenSSL||handshakes --count $(size 2000)"
)

prepare
printf '[overrides]\ntls-disabled-cipher = aes-128-gcm\ntls-disabled-cipher = aes-256-gcm\n' >"$work/chacha"
find_peers
if [ -n "$base" ]; then
  folders[base]=$(other_build "$base")
  builds=(base node)
fi
counts=${COUNT:-instructions:u}
perf stat -x, -e "$counts" true 2>&1 | grep -qE '^[0-9]+,' || { uncounted=$counts; counts=; }
gcc -O2 -o "$work/aead" eng/aead.c -lgnutls 2>/dev/null || : # without, nothing is said of the machine's speed

# speed CPU: how fast the machine is at the moment.
speed() { [ ! -x "$work/aead" ] || taskset -c "$1" "$work/aead" >>"$work/speeds"; }

# note FILE KEY UNIT: of the last run, and what was counted in it.
note() {
  local figure seconds
  figure=$(value "$2")
  echo "$figure" >>"$work/$1"
  echo "$(value lost) $(value sent)" >>"$work/${1%%.*}.lost"
  [ -n "$counts" ] || return 0
  seconds=$(value relay_cpu_seconds)
  calc "$(cut -d, -f1 "$work/counted") * $figure / $seconds / $([ "$3" = s ] && echo 1 || echo 1e6)" '%.6g\n' >>"$work/$1.counted"
}

# take ROW PLACEMENT: all its runs in one placement.
take() {
  local placement=$2 row what key unit mark only run profile build peer ciphers=/dev/null
  IFS='|' read -r row what key unit mark only run <<<"$1"
  [ "$row" != chacha ] || ciphers=$work/chacha
  for _ in $(seq "$rounds"); do
    for profile in batched plain; do
      [[ -z $only || $only = "$placement.$profile" ]] || continue
      for build in "${builds[@]}"; do
        # shellcheck disable=SC2086
        GNUTLS_SYSTEM_PRIORITY_FILE=$ciphers load "$build" $run --profile "$profile"
        note "$row.$placement.$profile.$build" "$key" "$unit"
      done
    done
    for peer in "${peers[@]}"; do
      case $row.$peer in
        tcp-down.*) move "$peer" down >>"$work/$row.$placement.$peer" ;;
        tcp-up.gtlsserver) move "$peer" up >>"$work/$row.$placement.$peer" ;;
        handshakes.*)
          # shellcheck disable=SC2086
          load "$peer" $run
          value "$key" >>"$work/$row.$placement.$peer"
          ;;
      esac
    done
  done
}

# measure PLACEMENT CPU
measure() {
  local build at=$port row
  for build in "${builds[@]}"; do start_relay "$build" "$2" $((at++)); done
  start_peers "$2" "$at"
  warm "${builds[@]}"
  for row in "${rows[@]}"; do
    [[ ${row%%|*} =~ $wanted ]] || continue
    speed "$2"
    take "$row" "$1"
  done
  speed "$2"
  stop "${builds[@]}" "${peers[@]}"
  collected+="$(collections node) $1, "
}

resident() { awk '/VmRSS/ { print $2 }' "/proc/${pids[$1]}/status"; } # NAME, in KiB

# memory NAME: what 2000 idle connections take there, in kB each.
memory() {
  local before
  load "$1" handshakes --count "$(size 2000)"                        # all code is compiled
  before=$(resident "$1")
  load "$1" idle --connections "$(size 2000)"
  calc "($(value relay_rss_open_kib) - $before) * 1.024 / $(size 2000)" '%.1f\n' >>"$work/memory.$1"
}

collected=
: >"$work/speeds"
measure together 0
measure apart 1
if [[ memory =~ $wanted ]]; then
  for _ in $(seq "$rounds"); do
    for build in "${builds[@]}"; do start_relay "$build" 0,1 "$port"; memory "$build"; stop "$build"; done
    start_peers 0,1 "$port"
    for peer in "${peers[@]}"; do memory "$peer"; done
    stop "${peers[@]}"
  done
fi

# over FILE FILE: the ratio of their medians; nothing where one is not there.
over() { [ ! -s "$1" ] || [ ! -s "$2" ] || calc "$(median <"$1") / $(median <"$2")" %.2f; }

# cells FORMAT ROW [SUFFIX]: of each variant the figure, and its ratio to the other build.
cells() {
  local variant file ratio
  for variant in "${variants[@]}"; do
    file=$work/$2.$variant
    ratio=$(over "$file.node${3-}" "$file.base${3-}")
    printf ' %s |' "$([ ! -s "$file.node${3-}" ] || calc "$(median <"$file.node${3-}")" "$1")${ratio:+ ($ratio)}"
  done
}

worst() { for variant in "${variants[@]}"; do over "$work/$1.$variant.node" "$work/$1.$variant.base"; echo; done | sort -g | tail -1; }

lost() { # ROW
  awk '{ lost += $1; sent += $2 } END { if (lost > 0) printf "; lost %.0f of %.0f", lost, sent }' "$work/$1.lost"
}

# kept WHAT: the document's lines of a row, and of what stands below it.
kept() {
  awk -v what="| $1, " 'index($0, what) == 1 { on = 1; print; next } on && /^\| — / { print; next } { on = 0 }' "$work/written"
}

table() {
  local row what key unit mark rest peer variant
  echo "$head"
  echo '|---|---|---|---|---|---|---|'
  for row in "${rows[@]}"; do
    IFS='|' read -r row what key unit mark rest <<<"$row"
    [[ $row =~ $wanted ]] || { kept "$what"; continue; }
    echo "| $what, $unit$(lost "$row") |$(cells %.4g "$row") $(worst "$row") | $mark |"
    [ -z "$counts" ] || echo "| — $counts |$(cells %.6g "$row" .counted) | |"
    for peer in "${peers[@]}"; do
      [ -s "$work/$row.together.$peer" ] || continue
      printf '| — in ratio to %s, which takes %s and %s %s |' "$peer" \
        "$(calc "$(median <"$work/$row.together.$peer")" %.4g)" "$(calc "$(median <"$work/$row.apart.$peer")" %.4g)" "$unit"
      for variant in "${variants[@]}"; do
        printf ' %s |' "$(over "$work/$row.$variant.node" "$work/$row.${variant%.*}.$peer")"
      done
      echo ' | |'
    done
  done
  if [ ! -s "$work/memory.node" ]; then
    kept "memory of an idle connection"
  else
    echo "| memory of an idle connection, kB | $(median <"$work/memory.node") | | | |" \
      "$(over "$work/memory.node" "$work/memory.base") | 30 kB |"
    for peer in "${peers[@]}"; do
      echo "| — in ratio to $peer, which takes $(median <"$work/memory.$peer") kB | $(over "$work/memory.node" "$work/memory.$peer") | | | | | |"
    done
  fi
}

measured() { # the names of the rows that were
  local row
  for row in "${rows[@]}"; do ! [[ ${row%%|*} =~ $wanted ]] || echo "${row%%|*}"; done
  [ ! -s "$work/memory.node" ] || echo memory
}

# runs: a line for this run, and for those that rows are of which this one did not measure: each names its rows.
runs() {
  local names line left
  mapfile -t names < <(measured)
  sed -n '/^- Of /p' "$work/written" | while read -r line; do
    left=$(sed -E 's/^- Of ([^:]*):.*/\1/; s/, /\n/g' <<<"$line" | { grep -vxF "$(measured)" || :; } | paste -sd, | sed 's/,/, /g')
    [ -z "$left" ] || echo "- Of $left:${line#*:}"
  done
  printf -- '- Of %s: %s' "$(printf '%s\n' "${names[@]}" | paste -sd, | sed 's/,/, /g')" "$(conditions)"
  [ ! -s "$work/speeds" ] || printf '; GnuTLS protected 1130 bytes with AES-128-GCM in %s ns, asked before each row' \
    "$(sort -g "$work/speeds" | sed -n '1p;$p' | paste -sd- | sed 's/-/ to /')"
  echo "; garbage collections in the relay ${collected%, }; load average at the end $(load_average)."
}

libraries=$(sed -nE 's/.*relay-node [^ ]+: (ngtcp2.*)$/\1/p' "$work/node.log")
# With OpenSSL, as in Debian 13 by eng/trixie.sh, there is a table of its own.
place=eng/benchmark.sh
[[ $libraries != *OpenSSL* ]] || place+=" with OpenSSL"
head="| CPU of the relay${base:+"; in brackets in ratio to that of ${base##*/}"} | together | plain client, together | apart | plain client, apart"
head+=" | worst ratio | mark |"
machine="$(nproc) cores,$(sed -n 's/^model name.*: / /p' /proc/cpuinfo | head -1), Linux $(uname -r | cut -d- -f1); $libraries;"
machine+=" $(sed -nE 's/.*(packet protection: .*)$/\1./p' "$work/node.log")"
written "$place" >"$work/written"
if ! grep -qFx "$head" "$work/written" || ! grep -qFx "$machine" "$work/written"; then : >"$work/written"; fi
{
  table
  echo
  echo "$machine"
  [ -n "$counts" ] || echo "Not counted: $uncounted, since perf does not count them here."
  for peer in "${absent[@]}"; do echo "Not measured: $peer, which is not installed."; done
  echo
  runs
} >"$work/table"
if [ "$wanted" != . ] && [ ! -s "$work/written" ]; then
  cat "$work/table"
  echo "$output has a table of another build, machine or library, with rows that were not measured: it stays" >&2
  exit 1
fi
write_table "$place"
