# shellcheck shell=bash
# What the scripts share that measure and write a table: sourced by them, at the root of the repository.
#
# ROUNDS (3) is how often each figure is taken, and SHRINK (1) divides what a run transfers, OUTPUT is the document that is
# written: to try a script, ROUNDS=1 SHRINK=100 OUTPUT=copy.md. BUILT=1 builds nothing: what was built is measured, such as in
# Debian 13 by eng/trixie.sh.
port=${PORT:-4433}
configuration=${CONFIGURATION:-Release}
rounds=${ROUNDS:-3}
work=$(mktemp -d)
declare -A pids=() ports=() folders=()

stop() { # NAME…
  local name
  for name in "$@"; do
    kill "${pids[$name]}" 2>/dev/null || true
    wait "${pids[$name]}" 2>/dev/null || true
    unset "pids[$name]"
  done
}
finish() { stop "${!pids[@]}"; rm -rf "$work"; }
trap finish EXIT

# build FOLDER PROJECT
build() { (cd "$1" && dotnet build "$2" -c "$configuration" --nologo -v quiet -p:RunAnalyzers=false >&2); }

# Builds both programs, and makes a certificate.
prepare() {
  [ -n "${BUILT-}" ] || { build . src/Relay.Node && build . tools/Relay.Load; }
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -keyout "$work/key.pem" \
    -out "$work/cert.pem" -subj "/CN=localhost" -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" 2>/dev/null
}

# other_build REVISION: builds the relay of another revision where it was not yet, and prints the folder with it; of a folder
# with a build, prints that.
other_build() {
  local folder=$1 commit
  if [ ! -e "$folder/relay-node.dll" ]; then
    commit=$(git rev-parse --verify --short=12 "$1^{commit}") || return
    folder=artifacts/builds/$commit
  fi
  if [ ! -e "$folder/relay-node.dll" ]; then
    mkdir -p "$work/other" artifacts/builds
    git archive "$commit" | tar -x -C "$work/other" && build "$work/other" src/Relay.Node || return
    cp -r "$work/other/src/Relay.Node/bin/$configuration/net10.0" "$folder"
  fi
  echo "$folder"
}

# start_relay NAME CPU PORT OPTIONS…: with one loop; pids and ports know it by its name, and so does its log. What folders has
# under that name is run, else this checkout's build.
start_relay() {
  local name=$1 cpu=$2
  ports[$name]=$3; shift 3
  taskset -c "$cpu" dotnet "${folders[$name]:-src/Relay.Node/bin/$configuration/net10.0}/relay-node.dll" -a "127.0.0.1:${ports[$name]}" \
    --tls-cert-path "$work/cert.pem" --tls-private-key-path "$work/key.pem" --allow-target 127.0.0.0/8 --workers 1 "$@" \
    2>"$work/$name.log" &
  pids[$name]=$!
  for _ in $(seq 100); do grep -q listening "$work/$name.log" 2>/dev/null && return; sleep 0.1; done
  cat "$work/$name.log" >&2
  exit 1
}

# load NAME MODE OPTIONS…: one run against that relay; client and targets are on CPU 0. What $counts names is counted of the
# relay meanwhile.
load() {
  local name=$1 counter=; shift
  if [ -n "${counts-}" ]; then
    perf stat -x, -e "$counts" -p "${pids[$name]}" -o "$work/counts" &
    counter=$!
  fi
  taskset -c 0 dotnet "tools/Relay.Load/bin/$configuration/net10.0/relay-load.dll" "$@" --relay "127.0.0.1:${ports[$name]}" \
    --insecure --relay-pid "${pids[$name]}" --json >"$work/result.json" 2>"$work/load.log" \
    || { cat "$work/result.json" "$work/load.log" >&2; exit 1; }
  [ -z "$counter" ] && return
  kill -INT "$counter"; wait "$counter" || true
  sed '/^#/d;/^$/d' "$work/counts" >"$work/counted"
}

value() { sed -nE "s/^ *\"$1\": ([-0-9.]+),?$/\1/p" "$work/result.json"; } # KEY: a number of the last run
size() { echo $(($1 / ${SHRINK:-1})); } # NUMBER of a run
seconds() { awk "BEGIN { s = $1 / ${SHRINK:-1}; print s < 0.3 ? 0.3 : s }"; } # NUMBER of a run, in which something arrives
calc() { awk "BEGIN { printf \"$2\", $1 }"; } # EXPRESSION FORMAT
cpu_seconds() { awk '{ s += $1 } END { printf "%.3f", s / 1e9 }' "/proc/$1"/task/*/schedstat; } # PID
median() { sort -g | awk '{ line[NR] = $1 } END { print line[int((NR + 1) / 2)] }'; }
collections() { sed -nE 's/.*collections: ([0-9]+ of generation 0).*/\1/p' "$work/$1.log"; } # NAME of a relay that was stopped

# conditions: how often each figure was taken, and how much of what its row says.
conditions() {
  local less=; [ "${SHRINK:-1}" = 1 ] || less="; each run took 1/$SHRINK of what its row says"
  echo "$rounds round$([ "$rounds" = 1 ] || echo s)$less"
}
load_average() { cut -d' ' -f1 /proc/loadavg; }

# compiling NAME: CPU that the runtime's compiler of what is called often has had in that relay, in seconds.
compiling() {
  local task
  for task in "/proc/${pids[$1]}"/task/*; do
    if [ "$(cat "$task/comm" 2>/dev/null)" = ".NET Tiered Com" ]; then cat "$task/schedstat" 2>/dev/null || true; fi
  done | awk '{ s += $1 } END { printf "%.3f", s / 1e9 }'
}

# warm NAME…: all that is measured, by turns, until a turn has the compiler do next to nothing, or eight times: code is compiled,
# pools are filled.
warm() {
  local name before turn counts=
  for name in "$@"; do
    for turn in $(seq 8); do
      before=$(compiling "$name")
      load "$name" echo --count "$(size 100000)" --size 1100 --window 64
      load "$name" echo --count "$(size 50000)" --size 1100 --window 64 --profile plain
      load "$name" echo --connections 200 --flows 200 --window 1 --count "$(size 50000)" --profile plain
      load "$name" tcp-down --bytes "$(size $((256 << 20)))"
      load "$name" tcp-up --bytes "$(size $((256 << 20)))"
      load "$name" handshakes --count "$(size 500)"
      [ "$turn" -gt 1 ] && [ "$(calc "$(compiling "$name") - $before < 0.02" %d)" = 1 ] && continue 2
    done
    echo "the compiler still worked in $name after $turn turns of warming up" >&2
  done
}

# written SCRIPT: the table that the document has of that script.
written() {
  grep -qFx "<!-- $1 writes this -->" "$output" || { echo "$output has no place for the table of $1" >&2; exit 1; }
  awk -v begin="<!-- $1 writes this -->" '$0 == "<!-- until here -->" { on = 0 } on { print } $0 == begin { on = 1 }' "$output"
}

# write_table SCRIPT: puts $work/table into the document, where that script's is.
write_table() {
  cat "$work/table"
  written "$1" >/dev/null
  awk -v begin="<!-- $1 writes this -->" -v end='<!-- until here -->' -v table="$work/table" '
    $0 == begin { print; while ((getline line < table) > 0) print line; skip = 1 }
    $0 == end { skip = 0 }
    !skip' "$output" >"$work/document"
  cp "$work/document" "$output"
}
