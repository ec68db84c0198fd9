#!/usr/bin/env bash
# Measures what nodes notice when a coordinator is killed, stopped or cut off, and writes the table of docs/fleet.md.
#
# Three relay-admin with Redis, nodes with the real link (CoordinatorFaultTimesTests); what each fault was is in its row, the
# worst of all coordinators that it was tried on. Run it while the machine does nothing else; it takes a quarter of an hour.
# Needs redis-server and iproute2, and root for the network of the one that is cut off.
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/measure.sh

output=${OUTPUT:-docs/fleet.md}
dotnet build tests/Relay.Interop.Tests -c "$configuration" --nologo -v quiet
# One after the other: each has the machine to itself.
for test in Killed_NobodyIsSilentForIt Stopped_NobodyIsSilentForIt CutOff_NobodyIsSilentForIt \
  CutOff_OfTheOnlyCoordinatorThatNodesKnow_IsAnsweredByIt; do
  env --default-signal=INT,QUIT dotnet "tests/Relay.Interop.Tests/bin/$configuration/net10.0/Relay.Interop.Tests.dll" \
    -noLogo -noColor -explicit only -method "*CoordinatorFaultTimesTests.$test" -showLiveOutput | tee -a "$work/log"
done
{
  echo '| fault | longest time between answers | nodes that turned silent | leases that ran out |'
  echo '|---|---|---|---|'
  grep -oE '\| [^|]* \| [0-9.]+ s \| [0-9]+ \| [0-9]+ \|' "$work/log" | awk '!seen[$0]++'
} >"$work/table"
write_table eng/faults.sh
