#!/usr/bin/env bash
# Installs what the tests need, builds everything, and runs the tests. Closes with
# "N passed, N failed, N skipped".
set -uo pipefail
cd "$(dirname "$0")"

usage() {
  cat <<'TEXT'
usage: ./test.sh [--fast | --long] [OPTION...]

Installs what the tests need, builds everything, and runs every test. The last line is "N passed, N failed, N skipped";
the status is 0 if none failed.

  --fast   leaves out what needs processes, browsers or clusters
  --long   adds the tests that take many minutes, and runs those of TLS and QUIC in Debian 13, too, over OpenSSL
  --help   prints this

Further options go to every test assembly, such as -class '*TimerHeapTests'; run one with -? for the list.
TEXT
}

mode=whole options=()
for argument in "$@"; do
  case $argument in
    --fast | --long)
      [ "$mode" = whole ] || [ "$mode" = "${argument#--}" ] || { echo "test.sh: --fast or --long, not both" >&2; exit 2; }
      mode=${argument#--}
      ;;
    --help) usage; exit 0 ;;
    *) options+=("$argument") ;;
  esac
done

. eng/packages.sh

# The programs read their options from such variables, too: tests choose their own.
screenshots=${RELAY_SCREENSHOTS-}
unset ${!RELAY_@}
[ -z "$screenshots" ] || export RELAY_SCREENSHOTS=$screenshots

# A package that cannot be had is not the end: the tests that need it are skipped, and say so.
install_packages $engine_packages || exit 1
install_packet_protection
groups=("gcc libc6-dev libngtcp2-dev libngtcp2-crypto-gnutls-dev libnghttp3-dev libnghttp2-dev libgnutls28-dev"
  "libipsec-mb-dev" "iproute2 util-linux procps libcap2-bin openssl curl")
[ "$mode" = fast ] || groups+=("ngtcp2-client ngtcp2-server" "firefox-esr libnss3-tools" "chromium-headless-shell" "prometheus"
  "redis-server" "zbar-tools" "zsh fish groff-base")
[ "$mode" != long ] || groups+=("buildah debootstrap")
for group in "${groups[@]}"; do
  install_packages $group || echo "not installed: $group"
done
[ "$mode" = fast ] || eng/curl.sh || echo "not to be had: a curl that speaks HTTP/2 to proxies"
[ "$mode" = fast ] || eng/k8s-schemas.sh || echo "not to be had: the schemas of Kubernetes' API"
# Whoever has kubectl has it from elsewhere, as a rule, in the package's place.
[ "$mode" = fast ] || command -v kubectl >/dev/null || install_packages kubernetes-client \
  || echo "not installed: kubernetes-client"

# Where the processor does not tell the size of its caches, as in many virtual machines, garbage is collected for every 256 KiB:
# two fifths of what the compiler cost. So for every 128 MiB (hexadecimal), and methods are not measured first.
export DOTNET_GCgen0size=8000000 DOTNET_TieredPGO=0
# One compiler for all projects, and for what tests publish: it is slow as long as it has just begun.
export UseSharedCompilation=true
logs=$(mktemp -d)
declare -A names=() began=()
format=
trap 'kill $format "${!names[@]}" 2>/dev/null; rm -rf "$logs"; dotnet build-server shutdown --vbcscompiler >/dev/null' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
# Beside the build, whose last projects wait for one another.
eng/format.sh >"$logs/format" 2>&1 &
format=$!
dotnet build RelayFleet.sln -c Release --nologo -v quiet || { echo "0 passed, 1 failed, 0 skipped"; exit 1; }
wait "$format" || { cat "$logs/format"; echo "0 passed, 1 failed, 0 skipped"; exit 1; }
format=

# Hundreds of programs live for seconds here, and most of their work was to compile. They come compiled; of what is compiled anew,
# methods are for speed once none was new for 5 s (hexadecimal), pages of code are mapped once, idle threads do not spin.
[ "$mode" = fast ] || eng/ready.sh
export DOTNET_EnableWriteXorExecute=0 DOTNET_ThreadPool_UnfairSemaphoreSpinLimit=0
export RELAYFLEET_CHILD_DOTNET_TC_CallCountingDelayMs=1388 RELAYFLEET_CHILD_DOTNET_GCgen0size=2000000
# A project's own process runs for minutes: garbage is collected for every 256 MiB, and what is called often is compiled for speed.
export DOTNET_GCgen0size=10000000

# What takes longest begins first.
projects=(Relay.Interop.Tests Relay.Grains.Tests Relay.Dashboard.Tests Relay.Deploy.Tests)
for project in tests/*.Tests; do
  name=$(basename "$project")
  [[ " ${projects[*]} " == *" $name "* ]] || projects+=("$name")
done
passed=0 failed=0 skipped=0
# Again in Debian 13, where a node takes OpenSSL for its TLS.
if [ "$mode" = long ]; then
  if eng/trixie.sh; then
    projects+=(trixie:Relay.Native.Tests trixie:Relay.Node.Tests trixie:Relay.Interop.Tests)
  else
    # Each is one in the count, so that the last line tells of it.
    echo "skipped: Relay.Native.Tests, Relay.Node.Tests and Relay.Interop.Tests over OpenSSL, for want of a root of Debian 13"
    skipped=3
  fi
fi
choice=()
case $mode in
  fast) choice=(-trait- "Needs=*") ;;
  long) choice=(-explicit on) ;;
esac

# Waits for one of the projects that run, shows what it wrote, and counts. Each has its output to itself.
finish_one() {
  local ended status name summary bad
  wait -n -p ended "${!names[@]}"
  status=$?
  name=${names[$ended]}
  unset "names[$ended]"
  echo "== $name, $((SECONDS - began[$name])) s"
  cat "$logs/$name"
  # Without a test there are no further figures.
  summary=$(grep -E "${name#*:}  Total: (0$|[0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+)" "$logs/$name" | tail -1)
  count() { local figure; figure=$(sed -nE "s/.*$1: ([0-9]+).*/\1/p" <<<"$summary"); echo "${figure:-0}"; }
  if [ -z "$summary" ] || { [ $((${#options[@]} + ${#choice[@]})) -eq 0 ] && [ "$(count Total)" -eq 0 ]; }; then
    echo "$name ended with status $status and no summary of tests"
    failed=$((failed + 1))
    return
  fi
  bad=$(($(count Errors) + $(count Failed)))
  skipped=$((skipped + $(count Skipped)))
  passed=$((passed + $(count Total) - bad - $(count Skipped)))
  [ "$bad" -eq 0 ] && [ "$status" -ne 0 ] && bad=1
  failed=$((failed + bad))
}

# Three at once: the longest waits for processes and timers for most of its time, and two left the processors idle for a third.
at_once=3
patience=0
for name in "${projects[@]}"; do
  [ ${#names[@]} -lt "$at_once" ] || finish_one
  began[$name]=$SECONDS
  there=() here=("${choice[@]}")
  if [[ $name = trixie:* ]]; then
    there=(eng/trixie.sh -- env RELAYFLEET_TEST_TLS=openssl RELAY_TLS_LIBRARY=openssl) here=()
    # Of these, what speaks TLS to a node by our own clients: there are no browsers and clusters.
    [ "$name" != trixie:Relay.Interop.Tests ] \
      || here=(-namespace Relay.Interop.Tests.Tls -namespace Relay.Interop.Tests.Loopback)
  fi
  # Bash has what it runs beside itself ignore SIGINT, which the programs under test would inherit.
  nice -n "$patience" "${there[@]}" env --default-signal=INT,QUIT dotnet "tests/${name#*:}/bin/Release/net10.0/${name#*:}.dll" \
    -noLogo -noColor "${here[@]}" "${options[@]}" >"$logs/$name" 2>&1 </dev/null &
  names[$!]=$name
  # The two longest first, so that neither ends alone.
  [ ${#began[@]} -lt 2 ] || patience=5
done
while [ ${#names[@]} -gt 0 ]; do
  finish_one
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
