#!/usr/bin/env bash
# Does to a node with default limits what a hostile client would (tests/Relay.Abuse), and writes the table of docs/hardening.md.
#
# One loop, loopback; beside it another node, which nobody attacks and whose neighbour is the control. ATTACK (all) is one of the
# attacks, SECONDS_EACH (10) is how long it lasts, and ROUNDS (3) how often each is made: the row is that of the median, with the worst
# that memory was in any. Takes up to an hour and a half, on a machine that does nothing else. The status is 1 where a mark is missed.
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/measure.sh

output=${OUTPUT:-docs/hardening.md}
attack=${ATTACK:-all}
prepare
[ -n "${BUILT-}" ] || build . tests/Relay.Abuse
everywhere=0-$(($(nproc) - 1))
start_relay node "$everywhere" "$port"
start_relay control "$everywhere" $((port + 1))
# Whoever attacks has a machine of its own; here it would have the cores that the node needs.
for name in node control; do
  for thread in /proc/"${pids[$name]}"/task/*; do renice -n -10 -p "${thread##*/}" >/dev/null || echo "$name has no precedence" >&2; done
done
status=0
dotnet "tests/Relay.Abuse/bin/$configuration/net10.0/Relay.Abuse.dll" "$attack" --relay "127.0.0.1:$port" \
  --control "127.0.0.1:$((port + 1))" --relay-pid "${pids[node]}" --seconds "${SECONDS_EACH:-10}" --rounds "$rounds" \
  | tee "$work/rows" || status=$?
[ "$status" -le 1 ] || exit "$status"
kill -0 "${pids[node]}" || { echo "the node has ended" >&2; exit 1; }
{
  cat "$work/rows"
  echo
  echo "$(nproc) cores,$(sed -n 's/^model name.*: / /p' /proc/cpuinfo | head -1), Linux $(uname -r | cut -d- -f1); ${SECONDS_EACH:-10} s each, $(conditions);"
  sed -nE 's/.*relay-node [^ ]+: (ngtcp2.*)$/\1;/p' "$work/node.log"
  sed -nE 's/.*(packet protection: .*)$/\1./p' "$work/node.log"
  echo "Load average at the end: $(load_average)."
} >"$work/table"
write_table eng/abuse.sh >/dev/null
exit "$status"
