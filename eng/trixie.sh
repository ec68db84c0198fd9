#!/usr/bin/env bash
# Runs a command in Debian 13, which has what Debian 12 lacks: ngtcp2's crypto library for OpenSSL. Its root is made once, in the
# user's cache, by debootstrap from the mirror that this machine's apt uses.
set -euo pipefail
program=$(basename "$0")

usage() {
  cat <<'TEXT'
usage: eng/trixie.sh [--root DIR] [--mirror URL] [--bare] [COMMAND [ARGUMENT...]]

Makes a root of Debian 13 with its backports, unless there is one, and runs a command in it: with this checkout and the .NET
SDK where they are here, in the folder where one is here, with the network of here. Without a command the root is made only.

  --root DIR     where the root is; ~/.cache/relayfleet/trixie
  --mirror URL   Debian's mirror; the one that apt uses here
  --bare         without the packages that tests need, as images begin
  --help         prints this
TEXT
}

die() { echo "$program: $*" >&2; exit 1; }

root=${XDG_CACHE_HOME:-$HOME/.cache}/relayfleet/trixie mirror='' bare=''
while [ $# -gt 0 ]; do
  case $1 in
    --root | --mirror)
      [ $# -gt 1 ] || die "$1 needs a value"
      printf -v "${1#--}" %s "$2"
      shift 2
      ;;
    --bare) bare=1; shift ;;
    --help) usage; exit 0 ;;
    --) shift; break ;;
    -*) echo "$program: unknown option: $1; --help says what there is" >&2; exit 2 ;;
    *) break ;;
  esac
done

root=$(realpath -m "$root")
folder=$PWD
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$checkout"
. eng/packages.sh
[ "$(id -u)" -eq 0 ] || exec sudo "$checkout/eng/$program" --root "$root" ${mirror:+--mirror "$mirror"} ${bare:+--bare} -- "$@"

packages="$engine_packages libngtcp2-crypto-ossl0 libssl3t64 libstdc++6 libicu76 zlib1g tzdata ca-certificates
  openssl curl iproute2 util-linux procps libcap2-bin adduser
  gcc libc6-dev libngtcp2-dev libngtcp2-crypto-gnutls-dev libngtcp2-crypto-ossl-dev libnghttp3-dev libnghttp2-dev
  libgnutls28-dev libssl-dev"
# Debian 13 itself has no crypto library for OpenSSL.
packages=$(sed -E 's,\S*(ngtcp2|nghttp3)\S*,&/trixie-backports,g' <<<"$packages")
[ "$(uname -m)" != x86_64 ] || packages+=" libipsec-mb2 libipsec-mb-dev"
[ -z "$bare" ] || packages=''

mirror_of_apt() { apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' 2>/dev/null | head -1; }

make_root() {
  [ ! -e "$root" ] || die "$root is there, and is none of its roots"
  command -v debootstrap >/dev/null || install_packages debootstrap || die "debootstrap cannot be had"
  [ -n "$mirror" ] || mirror=$(mirror_of_apt)
  [ -n "$mirror" ] || die "apt has no sources of Debian here; name a mirror with --mirror"
  local proxy
  proxy=$(apt-config dump Acquire::http::Proxy 2>/dev/null | sed -nE 's/^Acquire::http::Proxy "(.+)";/\1/p')
  echo "$program: making $root"
  rm -rf "$root.new"
  http_proxy=${http_proxy-$proxy} debootstrap --variant=minbase trixie "$root.new" "$mirror" >"$root.log" 2>&1 \
    || die "debootstrap failed; $root.log says how"
  printf 'deb %s %s main\n' "$mirror" trixie "$mirror" trixie-backports >"$root.new/etc/apt/sources.list"
  # How this machine's apt gets at the mirror, such as by a proxy.
  apt-config dump Acquire::http Acquire::https Acquire::Check-Date >"$root.new/etc/apt/apt.conf.d/90host" 2>/dev/null
  mv "$root.new" "$root"
}

# What was installed is noted once all of it is.
complete() { [ "$(cat "$root/etc/relayfleet-packages" 2>/dev/null)" = "$packages" ]; }

fill_root() {
  echo "$program: installing packages"
  # Nothing that is installed starts.
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  "${inside[@]}" sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"' sh $packages \
    >"$root.log" 2>&1 || die "a package cannot be installed; $root.log says which"
  "${inside[@]}" apt-get clean
  printf '%s\n' "$packages" >"$root/etc/relayfleet-packages"
}

mounts=$(cat <<'SCRIPT'
set -euo pipefail
root=$1 folder=$2 checkout=$3 dotnet=$4
shift 4
# Programs make mount namespaces of their own, for which their root has to be a mount.
mount --bind "$root" "$root"
for path in /proc /sys /dev "$checkout" $dotnet; do
  mkdir -p "$root$path"
  mount --rbind "$path" "$root$path"
done
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/run"
cp -L /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null || true
[ -z "$dotnet" ] || ln -sfn "$dotnet/dotnet" "$root/usr/local/bin/dotnet"
[ -d "$root$folder" ] || folder=/
exec chroot "$root" env HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
  sh -c 'cd "$1"; shift; exec "$@"' sh "$folder" "$@"
SCRIPT
)

dotnet=$(command -v dotnet || true)
[ -z "$dotnet" ] || dotnet=$(dirname "$(readlink -f "$dotnet")")

# In the root, with mounts that nobody else sees and that end with the command.
inside=(unshare --mount --propagation slave bash -c "$mounts" bash "$root" "$folder" "$checkout" "$dotnet")

mkdir -p "$(dirname "$root")"
exec 9>"$root.lock"
flock 9
[ -x "$root/usr/bin/apt-get" ] || make_root
complete || fill_root
exec 9>&-
[ $# -eq 0 ] || exec "${inside[@]}" "$@"
