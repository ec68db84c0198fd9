#!/usr/bin/env bash
# Builds, makes a development certificate, and starts one relay on 127.0.0.1:4433 (UDP and TCP) that may reach loopback,
# with the admin API and the dashboard of its fleet on 127.0.0.1:8480.
set -euo pipefail
cd "$(dirname "$0")"
. eng/packages.sh

command -v dotnet >/dev/null || { echo "run.sh: the .NET 10 SDK is needed; see https://dot.net/download" >&2; exit 1; }
install_packages $engine_packages
install_packet_protection
command -v openssl >/dev/null || install_packages openssl

echo "building"
for project in src/Relay.Node tools/Relay.Load tools/Relay.Ctl; do
  dotnet build "$project" -c Release --nologo -v quiet -p:RunAnalyzers=false
done

dev=artifacts/dev
mkdir -p "$dev"
if ! openssl x509 -checkend 86400 -noout -in "$dev/cert.pem" >/dev/null 2>&1; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 \
    -keyout "$dev/key.pem" -out "$dev/cert.pem" -subj "/CN=localhost" \
    -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" 2>/dev/null
fi

load="dotnet tools/Relay.Load/bin/Release/net10.0/relay-load.dll"
cat <<TEXT

The dashboard: http://127.0.0.1:8480

Four things to try from another terminal, in this folder:

  $load probe --relay 127.0.0.1:4433 --ca $dev/cert.pem
  $load echo --relay 127.0.0.1:4433 --ca $dev/cert.pem --count 200000
  $load tcp-down --relay 127.0.0.1:4433 --ca $dev/cert.pem --bytes 1GiB
  dotnet tools/Relay.Ctl/bin/Release/net10.0/relayctl.dll nodes

Ctrl-C drains the relay and ends it; a second one ends it at once.

TEXT
exec dotnet src/Relay.Node/bin/Release/net10.0/relay-node.dll \
  -a 127.0.0.1:4433 --tls-cert-path "$dev/cert.pem" --tls-private-key-path "$dev/key.pem" \
  --allow-target 127.0.0.0/8 --fleet local --state "$dev/state" --admin-address 127.0.0.1:8480 "$@"
