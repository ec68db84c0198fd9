#!/usr/bin/env bash
# Fuzzes targets of tests/Relay.Fuzz by AFL++, guided by what of this repository's code an input reaches. What is made lies in
# artifacts/fuzz: TARGET/out has AFL++'s own queue, crashes and statistics.
set -euo pipefail
program=$(basename "$0")

usage() {
  cat <<'TEXT'
usage: eng/fuzz.sh TARGET|all [MINUTES]

Builds tests/Relay.Fuzz, instruments a copy of it by SharpFuzz, and runs AFL++ on a target for so many minutes, 10 if none are
named; all runs each in turn. The status is 1 where an input was found for which a property does not hold.

A run begins with the target's corpus in tests/Relay.Fuzz/Corpus, and with what earlier runs found. Without AFL++:

  dotnet tests/Relay.Fuzz/bin/Release/net10.0/Relay.Fuzz.dll TARGET --seed 1 --count 100000

  --list   lists the targets and what each asserts
  --help   prints this
TEXT
}

case ${1-} in
  --help) usage; exit 0 ;;
  '' | -?*) [ "${1-}" = --list ] || { usage >&2; exit 2; } ;;
esac
minutes=${2-10}
[[ $minutes =~ ^[1-9][0-9]*$ ]] || { echo "$program: MINUTES is a whole number from 1" >&2; exit 2; }

cd "$(dirname "$0")/.."
. eng/packages.sh
readonly sharpfuzz_version=2.3.0
work=$PWD/artifacts/fuzz
mkdir -p "$work"

dotnet build tests/Relay.Fuzz/Relay.Fuzz.csproj -c Release --nologo -v quiet
list() { dotnet tests/Relay.Fuzz/bin/Release/net10.0/Relay.Fuzz.dll --list; }
[ "$1" != --list ] || { list; exit 0; }
mapfile -t targets < <(list | cut -f1)
if [ "$1" != all ]; then
  [[ " ${targets[*]} " == *" $1 "* ]] || { echo "$program: no target $1; --list says what there is" >&2; exit 2; }
  targets=("$1")
fi

command -v afl-fuzz >/dev/null || install_packages afl++ \
  || { echo "$program: AFL++ is not here and cannot be had; --help says how to run without" >&2; exit 1; }
tool=${XDG_CACHE_HOME:-$HOME/.cache}/relayfleet/sharpfuzz-$sharpfuzz_version
[ -x "$tool/sharpfuzz" ] || dotnet tool install SharpFuzz.CommandLine --version "$sharpfuzz_version" --tool-path "$tool" >/dev/null

rm -rf "$work/bin"
cp -r tests/Relay.Fuzz/bin/Release/net10.0 "$work/bin"
# What is under test; neither the tests themselves nor packages.
for assembly in Relay.Protocol Relay.Native Relay.Fleet Relay.Hosting relay-admin relay-node; do
  "$tool/sharpfuzz" "$work/bin/$assembly.dll" >/dev/null
done

export AFL_SKIP_BIN_CHECK=1 AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1
export AFL_IGNORE_PROBLEMS=1 DOTNET_TieredPGO=0
value() { sed -nE "s/^$1 +: //p" "$work/$target/out/default/fuzzer_stats"; }

found=0
for target in "${targets[@]}"; do
  rm -rf "$work/$target/in"
  mkdir -p "$work/$target/in"
  cp tests/Relay.Fuzz/Corpus/"$target"/* "$work/$target/in/"
  # Under a name of its own each: those of AFL++ say where an input came from, and grow with each run.
  if [ -d "$work/$target/out/default/queue" ]; then
    while read -r input; do
      cp "$input" "$work/$target/in/$(sha256sum "$input" | cut -c1-16)"
    done < <(find "$work/$target/out/default/queue" -maxdepth 1 -type f -size -5k)
    rm -rf "$work/$target/out"
  fi
  dotnet tests/Relay.Fuzz/bin/Release/net10.0/Relay.Fuzz.dll "$target" --words >"$work/$target/words"
  words=()
  [ ! -s "$work/$target/words" ] || words=(-x "$work/$target/words")
  afl-fuzz -i "$work/$target/in" -o "$work/$target/out" -t 20000 -m none -V $((60 * minutes)) "${words[@]}" \
    dotnet "$work/bin/Relay.Fuzz.dll" "$target" >"$work/$target/log" 2>&1 \
    || { tail -5 "$work/$target/log" >&2; echo "$program: AFL++ failed on $target; $work/$target/log says how" >&2; exit 1; }
  echo "$target: $(value execs_done) executions in $(value run_time) s, $(value corpus_count) inputs," \
    "$(value saved_crashes) that fail, $(value saved_hangs) that hang"
  if [ "$(value saved_crashes)" -gt 0 ]; then
    found=1
    echo "  dotnet tests/Relay.Fuzz/bin/Release/net10.0/Relay.Fuzz.dll $target --replay ${work#"$PWD/"}/$target/out/default/crashes"
  fi
done
exit "$found"
