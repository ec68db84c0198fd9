# Installs Debian packages that are missing. Sourced by run.sh and test.sh.
#
# The native libraries are in Debian 13 and later, Ubuntu 25.10 and later; on Debian 12 they come from its backports
# suite. That suite is added by copying the machine's own Debian stanza with another suite name.

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

is_installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed'; }

add_backports() {
  local suite=$1 target=/etc/apt/sources.list.d/relayfleet-backports.sources stanza line
  grep -rqs "$suite-backports" /etc/apt/sources.list /etc/apt/sources.list.d && return
  stanza=$(awk -v suite="$suite" 'BEGIN { RS = "" } $0 ~ "Suites:[^\n]*" suite "([ \n]|$)" { print; exit }' \
    /etc/apt/sources.list.d/*.sources 2>/dev/null)
  if [ -n "$stanza" ]; then
    printf '%s\n' "$stanza" | sed "s/^Suites:.*/Suites: $suite-backports/" | as_root tee "$target" >/dev/null
    return
  fi
  line=$(grep -hE "^deb .* $suite " /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | head -1)
  [ -n "$line" ] || { echo "no Debian source to copy for $suite-backports" >&2; return 1; }
  printf '%s\n' "$line" | sed "s/ $suite / $suite-backports /" \
    | as_root tee "${target%.sources}.list" >/dev/null
}

# install_packages NAME…: those that are missing. ngtcp2 and nghttp3 are taken from backports where Debian is 12:
# without the suite's name, apt would choose versions that are too old.
install_packages() {
  local missing=() engine=() package
  for package in "$@"; do
    is_installed "$package" && continue
    case $package in
      *ngtcp2* | *nghttp3*) engine+=("$package") ;;
      *) missing+=("$package") ;;
    esac
  done
  [ ${#missing[@]} -eq 0 ] && [ ${#engine[@]} -eq 0 ] && return
  command -v apt-get >/dev/null || { echo "please install: ${missing[*]} ${engine[*]}" >&2; return 1; }
  echo "installing: ${missing[*]} ${engine[*]}"

  local suite from=()
  suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  if [ "$suite" = bookworm ] && [ ${#engine[@]} -gt 0 ]; then
    add_backports "$suite" || return 1
    from=(-t "$suite-backports")
  fi
  as_root apt-get update -qq || return 1
  export DEBIAN_FRONTEND=noninteractive
  if [ ${#missing[@]} -gt 0 ]; then
    as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || return 1
  fi
  if [ ${#engine[@]} -gt 0 ]; then
    as_root apt-get install -y -qq --no-install-recommends "${from[@]}" "${engine[@]}" >/dev/null || return 1
  fi
  # Some packages start a service, which nobody here asked for: tests start their own.
  [ -d /run/systemd/system ] || return 0
  for package in "${missing[@]}" "${engine[@]}"; do
    case $package in
      ngtcp2-server) as_root systemctl disable --now ngtcp2d.service >/dev/null 2>&1 || true ;;
      redis-server | prometheus) as_root systemctl disable --now "$package.service" >/dev/null 2>&1 || true ;;
    esac
  done
}

engine_packages="libngtcp2-16 libngtcp2-crypto-gnutls8 libnghttp3-9 libnghttp2-14"

# What protects QUIC's packets cheaper than GnuTLS, which does it where this cannot be had: for x86-64 only.
install_packet_protection() {
  [ "$(uname -m)" = x86_64 ] || return 0
  local package=libipsec-mb2
  [ "$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" != bookworm ] || package=libipsec-mb1
  install_packages "$package" || echo "not installed: $package; GnuTLS protects packets"
}
