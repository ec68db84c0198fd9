#!/usr/bin/env bash
# Installs what the tests need, builds everything, and runs every test. Closes with "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")"
. eng/packages.sh

# The programs read their options from such variables, too: tests choose their own.
unset ${!RELAY_@}

# A package that cannot be had is not the end: the tests that need it are skipped, and say so.
install_packages $engine_packages || exit 1
for group in \
  "gcc libc6-dev libngtcp2-dev libngtcp2-crypto-gnutls-dev libnghttp3-dev libgnutls28-dev" \
  "ngtcp2-client ngtcp2-server" "iproute2 util-linux procps libcap2-bin openssl" "firefox-esr libnss3-tools" \
  "chromium" "prometheus" "redis-server"; do
  install_packages $group || echo "not installed: $group"
done
# Whoever has kubectl has it from elsewhere, as a rule, in the package's place.
command -v kubectl >/dev/null || install_packages kubernetes-client || echo "not installed: kubernetes-client"

dotnet build RelayFleet.sln -c Release --nologo -v quiet \
  || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }

eng/format.sh || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }

passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for project in tests/*.Tests; do
  name=$(basename "$project")
  echo "== $name"
  dotnet "$project/bin/Release/net10.0/$name.dll" -noLogo -noColor "$@" 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  summary=$(grep -E 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$log" | tail -1)
  count() { sed -E "s/.*$1: ([0-9]+).*/\1/" <<<"$summary"; }
  if [ -z "$summary" ]; then
    echo "$name ended with status $status and no summary"
    failed=$((failed + 1))
    continue
  fi
  bad=$(($(count Errors) + $(count Failed)))
  skipped=$((skipped + $(count Skipped)))
  passed=$((passed + $(count Total) - bad - $(count Skipped)))
  [ "$bad" -eq 0 ] && [ "$status" -ne 0 ] && bad=1
  failed=$((failed + bad))
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
