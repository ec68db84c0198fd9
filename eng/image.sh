#!/usr/bin/env bash
# Builds the image of deploy/docker/Dockerfile and starts it, without an engine of containers: buildah builds with chroot for isolation,
# on a base of Debian 13 by debootstrap and with this machine's .NET SDK; what the image says to run is run as its user, with its
# environment and capabilities, on its read-only root file system.
set -euo pipefail
program=$(basename "$0")

usage() {
  cat <<'TEXT'
usage: eng/image.sh [--output DIR] [--build-only]

Builds the image, starts it, asks for its health, sends traffic through it over HTTP/3 and HTTP/2, drains it, and starts it once more
without any capability. The image is kept, with its bases, in ~/.cache/relayfleet/images until somebody removes that. It needs root,
and the network once.

  --output DIR  where the bill of materials goes; artifacts/image
  --build-only  starts nothing
  --help        prints this
TEXT
}

die() { echo "$program: $*" >&2; exit 1; }
say() { echo "$program: $*"; }

output=artifacts/image build_only=''
while [ $# -gt 0 ]; do
  case $1 in
    --output) [ $# -gt 1 ] || die "$1 needs a value"; output=$2; shift 2 ;;
    --build-only) build_only=1; shift ;;
    --help) usage; exit 0 ;;
    *) echo "$program: unknown option: $1; --help says what there is" >&2; exit 2 ;;
  esac
done
output=$(realpath -m "$output")
cd "$(dirname "$0")/.."
[ "$(id -u)" -eq 0 ] || die "root is needed, for namespaces and mounts"
for tool in buildah unshare ip openssl; do command -v $tool >/dev/null || die "$tool is needed"; done
dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")

cache=${XDG_CACHE_HOME:-$HOME/.cache}/relayfleet
mkdir -p "$cache/images" "$output"
work=$(mktemp -d)
store() { buildah --root "$cache/images/root" --runroot "$cache/images/run" --storage-driver vfs "$@"; }
container=''
finish() {
  [ -z "$container" ] || store rm "$container" >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap finish EXIT
export BUILDAH_ISOLATION=chroot

# The bases: Debian 13 as its image is, but that apt asks where this machine's asks; and that with the SDK, which is mounted.
base=localhost/relayfleet-base sdk=localhost/relayfleet-sdk
if [ -z "$(store images -q "$base" 2>/dev/null)" ]; then
  eng/trixie.sh --bare --root "$cache/trixie-bare" || die "there is no base"
  container=$(store from scratch)
  store copy -q "$container" "$cache/trixie-bare" / >/dev/null
  store commit -q --rm "$container" "$base" >/dev/null
  container=''
  say "made the base"
fi
if [ -z "$(store images -q "$sdk" 2>/dev/null)" ]; then
  container=$(store from --pull-never "$base")
  store run "$container" sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends \
    ca-certificates libstdc++6 libssl3t64 zlib1g' >"$work/log" 2>&1 || { cat "$work/log" >&2; die "the SDK's libraries cannot be had"; }
  store run "$container" ln -s "$dotnet/dotnet" /usr/local/bin/dotnet
  store config --env SSL_CERT_FILE=/etc/ssl/host.crt --env DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 --env DOTNET_CLI_TELEMETRY_OPTOUT=1 "$container"
  store commit -q --rm "$container" "$sdk" >/dev/null
  container=''
  say "made the base of the build"
fi

# How this machine gets at packages goes with it.
mounts=(-v "$dotnet:$dotnet:ro" -v /etc/ssl/certs/ca-certificates.crt:/etc/ssl/host.crt:ro)
[ ! -d "$HOME/.nuget/NuGet" ] || mounts+=(-v "$HOME/.nuget/NuGet:/root/.nuget/NuGet:ro")
image=localhost/relayfleet
store build --format docker --pull-never --layers "${mounts[@]}" --build-arg BASE="$base" --build-arg SDK="$sdk" \
  --build-arg REVISION="$(git rev-parse HEAD)" --build-arg SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)" \
  -f deploy/docker/Dockerfile -t "$image" . >"$work/log" 2>&1 || { cat "$work/log" >&2; die "the image cannot be built"; }
# Layers of builds before, and the stage that built this one.
store rmi --prune >/dev/null
container=$(store from --pull-never "$image")
mounted=$(store mount "$container")
cp "$mounted/opt/relayfleet/bom.json" "$output/bom.json"
say "built: $(du -sm "$mounted" | cut -f1) MB, of which /opt/relayfleet $(du -sm "$mounted/opt/relayfleet" | cut -f1)"
say "bill of materials: $(grep -c '"bom-ref"' "$output/bom.json") parts"
[ -z "$build_only" ] || exit 0

# value TEMPLATE: of what the image says, a line for each. (Of the container, for buildah packs all of an image that it inspects.)
value() { store inspect --type container --format "{{range .Docker.Config.$1}}{{println .}}{{end}}" "$container" | sed '/^$/d'; }
mapfile -t entry < <(value Entrypoint)
mapfile -t command < <(value Cmd)
mapfile -t variables < <(value Env)
mapfile -t health < <(value Healthcheck.Test)
user=$(store inspect --type container --format '{{.Docker.Config.User}}' "$container")
[ "${health[0]-}" = CMD ] || die "the image has no health check"

export mounted work user
quoted() { printf '%q ' "$@"; }
cat >"$work/run.sh" <<SCRIPT
set -euo pipefail
entry=($(quoted "${entry[@]}")) command=($(quoted "${command[@]}")) variables=($(quoted "${variables[@]}"))
health=($(quoted "${health[@]:1}"))
SCRIPT
cat >>"$work/run.sh" <<'SCRIPT'
mount --make-rprivate /
ip link set lo up
mkdir -p "$work/root" "$work/config"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$work/config/tls.key" -out "$work/config/tls.crt" 2>/dev/null
cat >"$work/config/relay-node.json" <<JSON
{ "address": "127.0.0.1:443", "tls-cert-path": "/etc/relay-node/tls.crt", "tls-private-key-path": "/etc/relay-node/tls.key",
  "allow-target": "127.0.0.0/8", "graceful-shutdown-timeout-secs": 300 }
JSON
chmod -R go+rX "$work/config"
# As an engine makes it: the image, read-only, with what is the kernel's, what is the container's own, and what it is given.
mount --bind "$mounted" "$work/root"
mkdir -p "$work/root/etc/relay-node" "$work/root/proc" "$work/root/dev" "$work/root/tmp"
mount -o remount,ro,bind "$work/root"
mount -t proc proc "$work/root/proc"
mount --rbind /dev "$work/root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$work/root/tmp"
mount --bind "$work/config" "$work/root/etc/relay-node"
mount -o remount,ro,bind "$work/root/etc/relay-node"

# inside CAPABILITIES COMMAND…: as the container's user, with what it may have.
inside() {
  local bounding=$1; shift
  exec chroot "$work/root" setpriv --reuid "${user%:*}" --regid "${user#*:}" --clear-groups --inh-caps=-all --bounding-set="$bounding" \
    env -i PATH=/usr/local/bin:/usr/bin:/bin "${variables[@]}" "$@"
}
inside_waiting() { (inside -all "$@"); }
start() { # start LOG CAPABILITIES ARGUMENT…
  local log=$1 bounding=$2; shift 2
  (inside "$bounding" "${entry[@]}" "${command[@]}" "$@") >"$log" 2>&1 &
  node=$!
  # Each try takes the time of a program's start.
  until inside_waiting "${health[@]}" >/dev/null 2>&1; do kill -0 $node 2>/dev/null || { cat "$log"; exit 1; }; done
}
has() { # has LOG TEXT
  grep -q -- "$2" "$1" || { cat "$1"; echo "its log has no: $2"; exit 1; }
}
stop() { # stop LOG
  local status=0
  kill -TERM $node
  wait $node || status=$?
  sed 's/^/  /' "$1"
  [ $status -eq 0 ] || { echo "ended with $status"; exit 1; }
}

start "$work/first.log" -all,+net_bind_service
echo "healthy"
inside_waiting /opt/relayfleet/relayctl health --server http://127.0.0.1:9464 >/dev/null
echo "ready"
awk '/^Uid:/ { print "user " $2 } /^CapPrm:/ { print "capabilities " $2 }' "/proc/$node/status"
has "$work/first.log" "TLS: openssl (OpenSSL"
echo "TLS by OpenSSL"
for name in relay-node relay-admin relayctl relay-load; do inside_waiting "${entry[@]}" $name --version >/dev/null; done
echo "every program starts"
for path in / /opt/relayfleet /etc/relay-node; do
  if inside_waiting /bin/sh -c "touch $path/probe" 2>/dev/null || touch "$work/root$path/probe" 2>/dev/null; then echo "$path can be written to"; exit 1; fi
done
echo "root file system is read-only"
for http in 3 2; do
  inside_waiting relay-load echo --relay 127.0.0.1:443 --ca /etc/relay-node/tls.crt --http $http --count 5000 --fail-on-loss >/dev/null
  inside_waiting relay-load tcp-down --relay 127.0.0.1:443 --ca /etc/relay-node/tls.crt --http $http --bytes 16MiB >/dev/null
  echo "traffic over HTTP/$http"
done
# A client that has just begun goes on while the node drains, and ends by itself.
(inside -all relay-load tcp-down --relay 127.0.0.1:443 --ca /etc/relay-node/tls.crt --bytes 512MiB) >"$work/held" 2>&1 &
client=$!
until inside_waiting /bin/bash -c 'exec 3<>/dev/tcp/127.0.0.1/9464; printf "GET /metrics HTTP/1.0\r\n\r\n" >&3; grep -qE "^relay_tunnels_active[{].*[}] [1-9]" <&3'; do
  kill -0 $client 2>/dev/null || { cat "$work/held"; exit 1; }
done
stop "$work/first.log"
wait $client || { cat "$work/held"; exit 1; }
has "$work/first.log" "draining: [1-9]"
has "$work/first.log" "drained: [1-9][0-9]* tunnel(s) finished, 0 ended by force"
echo "SIGTERM drained: the transfer that was under way is whole"

sed -i 's/127.0.0.1:443/127.0.0.1:8443/' "$work/config/relay-node.json"
start "$work/second.log" -all
tr '\0' '\n' <"/proc/$node/cmdline" >"$work/started"
has "$work/started" "^/opt/relayfleet/relay-node.unprivileged$"
inside_waiting relay-load echo --relay 127.0.0.1:8443 --ca /etc/relay-node/tls.crt --count 100 --fail-on-loss >/dev/null
stop "$work/second.log"
echo "without capabilities it is relay-node.unprivileged"
SCRIPT
unshare --mount --net --pid --fork --mount-proc --kill-child bash "$work/run.sh" | sed -u "s/^/$program: /"
