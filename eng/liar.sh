#!/usr/bin/env bash
# Measures what a coordinator costs beside a node that was taken over, as ratios to ten honest nodes, and writes the table of
# docs/security.md (LiarCostTests). It takes a quarter of an hour. RELAY_LIAR_SECONDS (60) is how long each run is measured, and ROUNDS
# (3) how often.
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/measure.sh

output=${OUTPUT:-docs/security.md}
export RELAY_LIAR_SECONDS=${RELAY_LIAR_SECONDS:-60}
[ -n "${BUILT-}" ] || build . tests/Relay.Admin.Tests
ROUNDS=$rounds env --default-signal=INT,QUIT dotnet "tests/Relay.Admin.Tests/bin/$configuration/net10.0/Relay.Admin.Tests.dll" \
  -noLogo -noColor -explicit only -class '*LiarCostTests' -showLiveOutput | tee "$work/log" || failed=1
{
  echo "| of a coordinator, within $RELAY_LIAR_SECONDS s | beside ten honest nodes | beside nine and a liar | ratio |"
  echo '|---|---|---|---|'
  grep -oE '\| [^|]* \| [0-9.]+ [A-Za-z]+ \| [0-9.]+ [A-Za-z]+ \| [0-9.]+ \|' "$work/log"
  echo
  echo "Load average at the end: $(load_average)."
} >"$work/table"
write_table eng/liar.sh
exit "${failed-0}"
