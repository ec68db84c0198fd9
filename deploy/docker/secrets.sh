#!/usr/bin/env bash
# Makes what compose.yaml needs to be kept secret, in secrets/ beside it: an authority of this machine's own, certificates,
# and tokens. Does nothing to what is already there.
set -euo pipefail
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
cd secrets

leaf() { # leaf NAME NAMES: a certificate of the authority.
  [ -e "$1.pem" ] && return
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 90 -subj "/CN=$1" -CA ca.pem -CAkey ca.key \
    -addext "basicConstraints=critical,CA:FALSE" -addext "subjectAltName=$2" -keyout "$1.key" -out "$1.pem" 2>/dev/null
}
token() { # token NAME ROLE FILE: 32 random bytes in FILE, their hash in tokens.
  [ -e "$3" ] && return
  openssl rand -base64 32 | tr '+/' '-_' | tr -d '=\n' >"$3"
  printf '%s:%s:sha256$%s\n' "$1" "$2" "$(openssl dgst -sha256 -r "$3" | cut -d' ' -f1)" >>tokens
}

[ -e ca.pem ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 \
  -subj "/CN=RelayFleet on this machine" -addext keyUsage=critical,keyCertSign -keyout ca.key -out ca.pem 2>/dev/null
leaf node "DNS:localhost,IP:127.0.0.1"
leaf admin "DNS:localhost,IP:127.0.0.1,DNS:admin-1,DNS:admin-2,DNS:admin-3"
# A token a node. One of all nodes, as a version before made it, is taken away.
[ ! -e tokens ] || sed -i '/^node-\*:node:/d' tokens
rm -f node-token
for node in node-1 node-2 node-3; do token "$node" node "$node-token"; done
token operator operator operator-token
token prometheus viewer prometheus-token
# Each file that compose.yaml mounts is mounted by itself, for a user that is nobody's on this machine: within a container its own
# mode counts, and on this machine the folder's, which is for its owner alone.
chmod 600 ./*
chmod 700 .
chmod 644 ca.pem node.pem node.key node-?-token admin.pem admin.key tokens prometheus-token
echo "secrets are in $PWD"
