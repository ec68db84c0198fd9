#!/usr/bin/env bash
# Compiles the programs and what they load ahead of time, in the copies that test projects have of them: a test run starts hundreds
# that live for seconds, and a third of what they cost was their compiler. What was compiled once is kept in artifacts/ready.
#
# Takes what `dotnet build RelayFleet.sln -c Release` has built. Without the compiler (restored with tests/Relay.Testing) nothing is
# changed, and everything works as it is.
set -euo pipefail
cd "$(dirname "$0")/.."
output=bin/Release/net10.0 kept=$PWD/artifacts/ready
mkdir -p "$kept"

framework=$(dotnet --list-runtimes | awk '$1 ~ /^Microsoft\.(NETCore|AspNetCore)\.App$/ && $2 ~ /^10\./ { at[$1] = substr($3, 2, length($3) - 2) "/" $2 }
  END { for (name in at) print at[name] }')
compiler=$(find "${NUGET_PACKAGES:-$HOME/.nuget/packages}" -path '*crossgen2.linux-*/tools/crossgen2' 2>/dev/null | sort -V | tail -1)
[ -x "$compiler" ] || { chmod +x "$compiler" 2>/dev/null || { echo "ready.sh: no compiler: programs are compiled as they run" >&2; exit 0; }; }
export kept compiler framework

# compile FILE: kept under the digest of what it was made of; what cannot be compiled stays as it is. The framework's generic code, most
# of what is left to compile otherwise, is compiled for its types, too, which holds for this very framework; only of assemblies that no
# package brings, since a test project may have those of a package in their place.
compile() {
  local file=$1 made reference references=(-r "$(dirname "$1")/*.dll")
  made=$kept/$(digest <"$file").dll
  [ ! -e "$made" ] || return 0
  for reference in $framework; do references+=(-r "$reference/*.dll"); done
  for reference in $framework; do
    for own in System.Private.CoreLib System.Private.Uri System.Runtime System.Collections System.Collections.Concurrent System.Linq; do
      [ ! -e "$reference/$own.dll" ] || references+=(--inputbubbleref "$reference/$own.dll")
    done
  done
  "$compiler" "$file" "${references[@]}" -O --inputbubble --parallelism 1 -o "$made.$$" >/dev/null 2>&1 && mv "$made.$$" "$made" || rm -f "$made.$$"
}
# digest: of the file on standard input, for this framework, by this script.
digest() { { cat; echo "$framework"; cat eng/ready.sh; } | sha256sum | cut -d' ' -f1; }
export -f compile digest

find src/*/"$output" tools/*/"$output" -maxdepth 1 -name '*.dll' ! -name 'Microsoft.CodeAnalysis*' ! -name 'System.Composition*' \
  -printf '%f\t%p\n' | sort -u -k1,1 | cut -f2 | tr '\n' '\0' | xargs -0 -r -n 1 -P "$(nproc)" bash -c 'compile "$1"' _

for program in tests/*/"$output"/relay-*.dll; do echo "${program%/*}"; done | sort -u | while read -r folder; do
  for file in "$folder"/*.dll; do
    made=$kept/$(digest <"$file").dll
    [ ! -e "$made" ] || cp "$made" "$file"
  done
done
