#!/usr/bin/env bash
# Measures what the package's programs take before they do anything, beside a plain publication of the same commit: the time to
# "listening", the memory of an idle process, the size of the folder. Writes the table of docs/benchmarks.md. ROUNDS (9) is how often
# each is taken; SETTLE (3) the seconds after which memory is read.
set -euo pipefail
cd "$(dirname "$0")/.."
ROUNDS=${ROUNDS:-9}
. eng/measure.sh
output=${OUTPUT:-docs/benchmarks.md}
settle=${SETTLE:-3}

plain=$work/plain package=$work/package
if [ -n "${BUILT-}" ]; then
  plain=$BUILT/plain package=$BUILT/package
else
  # As images had them before there was a package.
  for project in src/Relay.Node src/Relay.Admin tools/Relay.Ctl; do
    dotnet publish "$project" -c Release --use-current-runtime --self-contained -o "$plain" --artifacts-path "$work/artifacts" \
      --nologo -v quiet -p:DebugType=none -p:RunAnalyzers=false >&2
  done
  eng/package.sh --programs "$package"
fi
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout "$work/key.pem" -out "$work/cert.pem" \
  -subj /CN=localhost -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" 2>/dev/null

# one FOLDER FILE PROGRAM ARGUMENT…: starts it, and adds to FILE its seconds to "listening" and, idle, its MiB: resident, and what of it
# is no clean page of a file, which the kernel could drop and read again (what is mapped twice is counted once).
one() {
  local folder=$1 file=$2 name=$3 line began ended; shift 3
  began=$EPOCHREALTIME
  coproc RUN { exec env -i PATH="$PATH" DOTNET_gcServer=0 DOTNET_EnableDiagnostics=0 "$folder/$name" "$@" 2>&1; }
  local pid=$RUN_PID in=${RUN[0]}
  while read -r line <&"$in"; do case $line in *listening*) break ;; esac; done
  ended=$EPOCHREALTIME
  sleep "$settle"
  awk -v seconds="$(calc "$ended - $began" %.4f)" '/^Rss:/ { rss = $2 } /^Pss_Dirty:/ { dirty = $2 }
    END { if (!rss || !dirty) exit 1; printf "%s %.1f %.1f\n", seconds, rss / 1024, dirty / 1024 }' "/proc/$pid/smaps_rollup" >>"$file"
  kill -TERM "$pid"
  wait "$pid" 2>/dev/null || true
}

listen=(-a 127.0.0.1:"$port" --tls-cert-path "$work/cert.pem" --tls-private-key-path "$work/key.pem")
fleet=("${listen[@]}" --fleet local --admin-address 127.0.0.1:0)
for _ in $(seq "$rounds"); do
  for kind in plain package; do
    one "${!kind}" "$work/bare.$kind" relay-node "${listen[@]}"
    one "${!kind}" "$work/fleet.$kind" relay-node "${fleet[@]}"
    one "${!kind}" "$work/admin.$kind" relay-admin --admin-address 127.0.0.1:0
  done
done

figure() { cut -d' ' -f"$2" "$work/$1" | median; } # FILE COLUMN
row() { # TEXT FILE COLUMN MARK
  local before after
  before=$(figure "$2.plain" "$3") after=$(figure "$2.package" "$3")
  echo "| $1 | $before | $after | $(calc "$after / $before" %.2f) | $4 |"
}
megabytes() { calc "$(du -sb "$1" | cut -f1) / 1e6" %.1f; }
{
  echo '| | plain | package | ratio | mark |'
  echo '|---|---|---|---|---|'
  row 'relay-node, start to "listening", s' bare 1 0.6
  row 'with its fleet and the admin API, s' fleet 1 0.6
  row 'relay-admin, s' admin 1 ''
  row 'relay-node, idle, resident, MiB' bare 2 0.6
  row '— of which not of files' bare 3 ''
  row 'with its fleet and the admin API, MiB' fleet 2 0.6
  row '— of which not of files' fleet 3 ''
  row 'relay-admin, MiB' admin 2 ''
  row '— of which not of files' admin 3 ''
  echo "| the folder of programs, MB | $(megabytes "$plain") | $(megabytes "$package") | $(calc "$(megabytes "$package") / $(megabytes "$plain")" %.2f) | 0.6 |"
  echo
  echo "Medians of $rounds rounds in which both take turns. Load average at the end: $(load_average)."
} >"$work/table"
write_table eng/footprint.sh
