#!/usr/bin/env bash
# Measures what one coordinator costs with ten thousand nodes, and writes the table of docs/benchmarks.md (ScaleTests): in process, and
# over HTTP. BASE, a revision, or a folder with a build of one that has these tests, is measured beside this one with the same nodes, and
# stands in brackets as a ratio. Run it while the machine does nothing else; it takes a quarter of an hour.
#
# NODES (10000), SESSIONS ("20000 200000 2000000") and RELAY_SCALE_SECONDS (15) say how large; RUNS ("InMemory OverHttp") which; ROUNDS (1).
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/measure.sh

output=${OUTPUT:-docs/benchmarks.md}
rounds=${ROUNDS:-1}
tests=tests/Relay.Grains.Tests
export RELAY_SCALE_NODES=${NODES:-10000} RELAY_SCALE_SECONDS=${RELAY_SCALE_SECONDS:-15}
sizes=${SESSIONS:-20000 200000 2000000}
builds=(this)
declare -A roots=([this]=.)

[ -n "${BUILT-}" ] || build . $tests
if [ -d "${BASE-}" ]; then
  builds=(base this)
  roots[base]=$BASE
  commit='the build before'
elif [ -n "${BASE-}" ]; then
  commit=$(git rev-parse --verify --short=12 "$BASE^{commit}")
  builds=(base this)
  roots[base]=$work/base
  mkdir "$work/base"
  git archive "$commit" | tar -x -C "$work/base"
  # The same nodes, whatever it has of its own.
  rm -rf "$work/base/$tests/Scale"
  cp -r $tests/Scale "$work/base/$tests/Scale"
  build "$work/base" $tests
fi

# measure BUILD SESSIONS RUN: a line of figures each. Nodes and silo in one process run as that build's relay-admin does.
measure() {
  local bin=${roots[$1]}/$tests/bin/$configuration/net10.0
  RELAY_SCALE_SESSIONS=$2 env --default-signal=INT,QUIT dotnet exec --runtimeconfig "$bin/relay-admin.runtimeconfig.json" \
    --depsfile "$bin/Relay.Grains.Tests.deps.json" "$bin/Relay.Grains.Tests.dll" \
    -noLogo -noColor -explicit only -method "*_WithManyNodes_$3" -showLiveOutput >"$work/log" || { cat "$work/log" >&2; failed=1; }
  grep -oE 'scale\|.*' "$work/log" | awk '!seen[$0]++' | sed "s/^scale/$1|$2/" >>"$work/figures" || true
}
touch "$work/figures"
for sessions in $sizes; do
  for run in ${RUNS:-InMemory OverHttp}; do
    for _ in $(seq "$rounds"); do
      for build in "${builds[@]}"; do
        measure "$build" "$sessions" "$run"
      done
    done
  done
done

awk -F'|' -v sizes="$sizes" '
  { key = $1 SUBSEP $2 SUBSEP $3 SUBSEP $4; figures[key] = figures[key] " " $5
    if (!(($3, $4) in seen)) { seen[$3, $4] = 1; runs[++n] = $3; names[n] = $4 } }
  function middle(text, part, count, i, j, swap) {
    count = split(text, part, " ")
    for (i = 1; i < count; i++) for (j = i + 1; j <= count; j++) if (part[j] + 0 < part[i] + 0) { swap = part[i]; part[i] = part[j]; part[j] = swap }
    return part[int((count + 1) / 2)]
  }
  END {
    split(sizes, size, " ")
    line = "| " ENVIRON["RELAY_SCALE_NODES"] " nodes"; rule = "|---"
    for (i = 1; i in size; i++) { line = line " | " size[i] " sessions"; rule = rule "|---" }
    print line " |"; print rule "|"
    for (k = 1; k <= n; k++) {
      line = "| " runs[k] ": " names[k]
      for (i = 1; i in size; i++) {
        this = "this" SUBSEP size[i] SUBSEP runs[k] SUBSEP names[k]; base = "base" SUBSEP size[i] SUBSEP runs[k] SUBSEP names[k]
        value = this in figures ? middle(figures[this]) : ""
        other = base in figures ? middle(figures[base]) : ""
        shown = value == "" ? "" : value + 0 >= 100 ? sprintf("%.0f", value) : sprintf("%.3g", value)
        line = line " | " shown (value != "" && other + 0 > 0 ? sprintf(" (%.2f)", value / other) : "")
      }
      print line " |"
    }
  }' "$work/figures" >"$work/table"
{
  echo
  echo "$(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)${BASE:+; in brackets in ratio to $commit}. Load average at the end: $(load_average)."
} >>"$work/table"
write_table eng/scale.sh
exit "${failed-0}"
