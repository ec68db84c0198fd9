#!/usr/bin/env bash
# Gets a curl that speaks HTTP/2 to proxies (8.1 and later) for the tests, where the machine's own does not: on Debian 12,
# whose curl stays as it is, since people there have that one. The backports' is unpacked beside it, in the user's cache.
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/packages.sh

speaks_http2() { "$1" --help all 2>/dev/null | grep -e --proxy-http2 >/dev/null; }

cache=${XDG_CACHE_HOME:-$HOME/.cache}/relayfleet
curl=$cache/curl/curl
speaks_http2 curl || speaks_http2 "$curl" && exit

command -v apt-get >/dev/null || { echo "please install: curl, 8.1 or later" >&2; exit 1; }
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
add_backports "$suite"
as_root apt-get update -qq
mkdir -p "$cache"
fresh=$(mktemp -d "$cache/curl.XXXXXX")
trap 'rm -rf "$fresh"' EXIT
echo "unpacking: curl of $suite-backports"
# Whatever else they need is what the machine's own curl needs, too.
(cd "$fresh" && apt-get download -qq -o APT::Sandbox::User=root -t "$suite-backports" curl libcurl4 >/dev/null)
for package in "$fresh"/*.deb; do
  dpkg -x "$package" "$fresh"
done
rm "$fresh"/*.deb
cat >"$fresh/curl" <<'SCRIPT'
#!/bin/sh
folder=$(dirname "$0")
LD_LIBRARY_PATH=$(dirname "$folder"/usr/lib/*/libcurl.so.4) exec "$folder/usr/bin/curl" "$@"
SCRIPT
chmod 755 "$fresh" "$fresh/curl"
speaks_http2 "$fresh/curl" || { echo "the curl of $suite-backports does not speak HTTP/2 to proxies" >&2; exit 1; }
rm -rf "$cache/curl"
mv "$fresh" "$cache/curl"
trap - EXIT
