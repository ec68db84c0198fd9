#!/usr/bin/env bash
# secrets.sh FOLDER: makes the fleet's own authority, certificates, tokens and the password of Redis in a folder, where they are not there
# yet, and prints the Secrets of them:
#
#   deploy/k8s/secrets.sh ~/relayfleet-secrets | kubectl apply --server-side --force-conflicts -f -
#
# (--force-conflicts takes over Secrets that were made by kubectl create.) Nothing is printed unless all is there. Needs OpenSSL 3.
# With cert-manager (--without-certificates) that has the authority, and what is printed has tokens and the password alone.
# Certificates are for 825 days: take a NAME.pem away, and run it again, for another.
set -euo pipefail
shopt -s inherit_errexit
certificates=yes
[ "${1:-}" = --without-certificates ] && { certificates=no; shift; }
folder=${1:?usage: secrets.sh [--without-certificates] FOLDER}
case $(openssl version) in
  "OpenSSL "[3-9]*) ;;
  *) echo "secrets.sh: OpenSSL 3 or later is needed, and this is $(openssl version)" >&2 && exit 1 ;;
esac
umask 077
mkdir -p "$folder"
cd "$folder"

quietly() { # What it says is shown where it fails.
  said=$("$@" 2>&1) || { echo "$said" >&2 && return 1; }
}
leaf() { # leaf NAME ALTERNATIVE-NAMES USES
  [ -e "$1.pem" ] && return
  quietly openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 825 -subj "/CN=relayfleet $1" -CA ca.pem -CAkey ca.key \
    -addext basicConstraints=critical,CA:FALSE -addext keyUsage=critical,digitalSignature -addext "extendedKeyUsage=$3" \
    -addext "subjectAltName=$2" -keyout "$1.key" -out "$1.pem"
}
token() { # token FILE [NAME ROLE]: 32 random bytes in FILE, and where it is one of a coordinator's, their hash in tokens.
  [ -e "$1" ] && return
  openssl rand -base64 32 | tr '+/' '-_' | tr -d '=\n' >"$1.new"
  [ -z "${2:-}" ] || printf '%s:%s:sha256$%s\n' "$2" "$3" "$(openssl dgst -sha256 -r "$1.new" | cut -d' ' -f1)" >>tokens
  mv "$1.new" "$1"
}
print() { # print NAMESPACE KIND... : what kubectl would make.
  namespace=$1
  shift
  kubectl -n "$namespace" create "$@" --dry-run=client -o yaml
  echo ---
}

token operator-token operator operator
token prometheus-token prometheus viewer
token metrics-token
token redis-password
if [ "$certificates" = yes ]; then
  [ -e ca.pem ] || quietly openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=RelayFleet \
    -addext keyUsage=critical,keyCertSign -keyout ca.key -out ca.pem
  leaf admin DNS:relay-admin.relayfleet.svc,DNS:localhost serverAuth
  # Silos know each other by a name that nobody else has a certificate for.
  leaf silo DNS:silo.relayfleet.svc serverAuth,clientAuth
  leaf redis DNS:redis.relayfleet.svc serverAuth,clientAuth
  # Whoever has a certificate of the coordinators already puts it there first, as admin.pem, admin.key and admin-ca.pem.
  [ -e admin-ca.pem ] || cp ca.pem admin-ca.pem
fi

objects() {
  print relayfleet secret generic relay-admin-tokens --from-file=tokens
  print relayfleet secret generic relay-admin-prometheus --from-file=token=prometheus-token
  print relayfleet-nodes secret generic relay-metrics-token --from-file=token=metrics-token
  servers=redis-0.redis.relayfleet.svc:26379,redis-1.redis.relayfleet.svc:26379,redis-2.redis.relayfleet.svc:26379
  print relayfleet secret generic relay-redis --from-file=password=redis-password --from-literal=configuration="$servers,serviceName=relayfleet,\
ssl=true,sslHost=redis.relayfleet.svc,abortConnect=false"
  [ "$certificates" = yes ] || return 0
  for name in admin silo redis; do
    ca=ca.pem
    [ "$name" = admin ] && ca=admin-ca.pem
    print relayfleet secret generic "relay-$name-tls" --from-file=tls.crt="$name.pem" --from-file=tls.key="$name.key" --from-file=ca.crt="$ca"
  done
  print relayfleet-nodes configmap relay-admin-ca --from-file=ca.crt=admin-ca.pem
}
all=$(objects)
printf '%s\n' "$all"
