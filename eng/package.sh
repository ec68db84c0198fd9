#!/usr/bin/env bash
# Makes what is installed: relayfleet-VERSION-linux-ARCH.tar.gz and relayfleet_VERSION_ARCH.deb with relay-node, relay-admin, relayctl
# and relay-load, which bring one runtime for all four, compiled ahead of time. The same commit gives the same bytes.
set -euo pipefail
program=$(basename "$0")
cd "$(dirname "$0")/.."

usage() {
  cat <<'TEXT'
usage: eng/package.sh [OPTION...]

Makes a .tar.gz and a .deb of the four programs, with units, manual pages, completions and a bill of materials.

  --arch x64|arm64  for which processors; this machine's
  --output DIR      where they go; artifacts/packages
  --programs DIR    only puts the folder of programs there, as the image has it
  --revision TEXT   the commit; what git says
  --print-version   prints the version that they would have, and makes nothing
  --help            prints this
TEXT
}

die() { echo "$program: $*" >&2; exit 1; }

arch=$(uname -m) output=artifacts/packages programs='' revision='' print=''
case $arch in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; esac
while [ $# -gt 0 ]; do
  case $1 in
    --arch | --output | --programs | --revision)
      [ $# -gt 1 ] || die "$1 needs a value"
      printf -v "${1#--}" %s "$2"
      shift 2
      ;;
    --print-version) print=1; shift ;;
    --help) usage; exit 0 ;;
    *) echo "$program: unknown option: $1; --help says what there is" >&2; exit 2 ;;
  esac
done
# The version of what is released is that of its tag, and of sources without history. What is made before or after is by its commit's
# time between those, as dpkg sorts them: 0.1.0~git20261130220831.bed95bd7 < 0.1.0 < 0.1.0+git20261201080000.0fe1c5a2 < 0.1.1~git….
version=$(sed -nE 's,.*<VersionPrefix>(.*)</VersionPrefix>.*,\1,p' Directory.Build.props)
dirty='' head=''
if [ -e .git ]; then
  head=$(git rev-parse HEAD) && changes=$(git status --porcelain) && [ "$(git rev-parse --show-toplevel)" = "$(pwd -P)" ] \
    || die "git does not tell which commit this is; sources without a history have no .git"
  [ "$(git rev-parse --is-shallow-repository)" = false ] \
    || die "this clone is shallow and may lack the release's tag, by which versions are sorted: git fetch --unshallow --tags"
  [ -z "$changes" ] || dirty=.dirty
  if [ -n "$dirty" ] || ! git tag --points-at HEAD | grep -qFx "v$version"; then
    sign='~'
    ! git merge-base --is-ancestor "v$version" HEAD 2>/dev/null || sign=+
    version+=${sign}git$(TZ=UTC git log -1 --date=format-local:%Y%m%d%H%M%S --format=%cd).${head:0:8}$dirty
  fi
fi
[ -z "$print" ] || { echo "$version"; exit 0; }
case $arch in x64) debian=amd64 ;; arm64) debian=arm64 ;; *) die "--arch: $arch is neither x64 nor arm64" ;; esac
command -v dotnet >/dev/null || die "the .NET 10 SDK is needed; see https://dot.net/download"
[ -n "$programs" ] || command -v dpkg-deb >/dev/null || die "dpkg-deb is needed (Debian package dpkg)"

# What is not committed is of no commit.
[ -n "$revision" ] || revision=${head:-unknown}${dirty/./-}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(if [ -n "$head" ]; then git log -1 --format=%ct; else date +%s; fi)}
export SOURCE_DATE_EPOCH TZ=UTC LC_ALL=C.UTF-8
umask 022

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Not where others restore and build. What is built is the same for each runtime; documentation, too, of which the API's description is made.
build=$PWD/artifacts/package
dotnet build tools/Relay.Packaging -c Release --artifacts-path "$build" --nologo -v quiet -p:PackagedRuntime="linux-$arch" \
  -p:SourceRevisionId="$revision" -p:DebugType=none -p:RunAnalyzers=false -p:PathMap="$PWD=/_" >&2
packaging() { dotnet "$build/bin/Relay.Packaging/release/Relay.Packaging.dll" "$@"; }
runtime=$(dotnet msbuild tools/Relay.Packaging -getProperty:BundledNETCoreAppPackageVersion)
packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}
# That of this machine, whatever others have restored.
host=$(dotnet msbuild tools/Relay.Packaging -getProperty:NETCoreSdkPortableRuntimeIdentifier)
compiler=$(find "$packages/microsoft.netcore.app.crossgen2.$host/$runtime/tools" -name crossgen2 -o -name crossgen2.dll | head -1)
[ -n "$compiler" ] || die "no compiler was restored (Microsoft.NETCore.App.Crossgen2 $runtime for $host)"

linker=$packages/microsoft.net.illink.tasks/$runtime/tools/net/illink.dll
[ -e "$linker" ] || die "no linker was restored (Microsoft.NET.ILLink.Tasks $runtime)"

# The folder of the programs. What nothing calls is taken out of the framework, then what is left is compiled.
lib=$work/lib
packaging assemble "$packages" "$runtime" "linux-$arch" "$lib" >"$work/linker.rsp"
dotnet "$linker" "@$work/linker.rsp" -out "$work/linked" >"$work/log" || { cat "$work/log" >&2; die "the programs cannot be linked"; }
packaging replace "$work/linked" "$runtime" "linux-$arch" "$lib" >"$work/inputs.rsp"
case $compiler in *.dll) compiler=(dotnet "$compiler") ;; *) chmod +x "$compiler" 2>/dev/null || true; compiler=("$compiler") ;; esac
"${compiler[@]}" "@$work/inputs.rsp" -r "$lib/*.dll" --targetos linux --targetarch "$arch" -O --single-file-compilation --out-near-input >"$work/log" \
  || { cat "$work/log" >&2; die "the programs cannot be compiled ahead of time"; }
for file in "$lib"/*.ni.dll; do mv "$file" "${file%.ni.dll}.dll"; done
chmod 644 "$lib"/*
chmod 755 "$lib"/relay-{node,admin,load} "$lib/relayctl"

# bill FOLDER: writes bom.json there.
bill() {
  dotnet tool restore --verbosity quiet >&2 || die "the tool that writes the bill of materials (CycloneDX) cannot be had"
  dotnet dotnet-CycloneDX tools/Relay.Packaging/Relay.Packaging.csproj -o "$1" -fn bom.json -F UnsafeJson -c Release -ns \
    -sn relayfleet -sv "$version" -dct 600000 >"$work/log" 2>&1 || { cat "$work/log" >&2; die "there is no bill of materials"; }
  packaging bom "$1/bom.json" "$lib" "$SOURCE_DATE_EPOCH"
}

if [ -n "$programs" ]; then
  mkdir -p "$programs"
  bill "$programs"
  cp -a "$lib/." "$programs/"
  exit 0
fi

# What stands around it.
usr=$work/root/usr
share=$usr/share
doc=$share/doc/relayfleet
mkdir -p "$usr/bin" "$usr/lib/systemd/system" "$doc" "$work/root/etc"
bill "$doc"
mv "$lib" "$usr/lib/relayfleet"
for name in relay-node relay-admin relayctl relay-load; do ln -s "../lib/relayfleet/$name" "$usr/bin/$name"; done
packaging man "$share/man" "$version" "$(date -d "@$SOURCE_DATE_EPOCH" +%F)"
gzip -n9 "$share"/man/*/*
packaging completion "$share"
cp deploy/systemd/*.service "$usr/lib/systemd/system/"
cp -r deploy/package/etc/. "$work/root/etc/"
cp docs/*.md "$doc/"
gzip -n9c CHANGELOG.md >"$doc/changelog.gz"
{
  printf 'RelayFleet %s, of %s. It brings the .NET runtime and the libraries that bom.json names with their licences.\n\n' "$version" "$revision"
  cat LICENSE
} >"$doc/copyright"
find "$work/root" -type d -exec chmod 755 {} + -o -type f ! -perm -100 -exec chmod 644 {} +
find "$work/root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

mkdir -p "$output"
name=relayfleet-$version-linux-$arch
# Unpacked with --strip-components=1 into /usr/local, or anywhere: nothing in it says where it is.
mkdir "$work/tar"
cp -a "$usr" "$work/tar/$name"
cp -a "$work/root/etc" "$work/tar/$name/etc"
touch -d "@$SOURCE_DATE_EPOCH" "$work/tar/$name"
tar -C "$work/tar" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --format=gnu -cf - "$name" \
  | gzip -n9 >"$output/$name.tar.gz"

control=$work/root/DEBIAN
mkdir "$control"
cp deploy/package/debian/* "$control/"
protection=''
[ "$arch" != x64 ] || protection=', libipsec-mb2 | libipsec-mb1'
sed -i "s/@VERSION@/$version/; s/@ARCHITECTURE@/$debian/; s/@PROTECTION@/$protection/
  s/@SIZE@/$(du -sk --apparent-size --exclude=DEBIAN "$work/root" | cut -f1)/" "$control/control"
(cd "$work/root" && find usr -type f | LC_ALL=C sort | xargs -d '\n' md5sum >DEBIAN/md5sums)
chmod 644 "$control"/*
chmod 755 "$control"/{postinst,prerm,postrm}
find "$control" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zzstd -z12 --build "$work/root" "$output/relayfleet_${version}_$debian.deb" >/dev/null
ls -l "$output/$name.tar.gz" "$output/relayfleet_${version}_$debian.deb" >&2
