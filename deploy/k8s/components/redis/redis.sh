#!/bin/sh
# redis.sh server|sentinel|ready|promote: what the containers of a Redis pod run. Pods are redis-0 to redis-2 of the Service redis; which of
# them is the primary, Sentinel says, and before it has ever said so redis-0 is.
#
# POD_NAME, POD_NAMESPACE, POD_IP; the password in /etc/redis/password, certificates in /etc/redis/tls, what is kept in /data.
set -eu
umask 077
tls=${REDIS_TLS_DIR:-/etc/redis/tls} data=${REDIS_DATA_DIR:-/data}
REDISCLI_AUTH=$(cat "${REDIS_PASSWORD_FILE:-/etc/redis/password/password}")
export REDISCLI_AUTH
name() { echo "$1.redis.$POD_NAMESPACE.svc"; }
me=$(name "$POD_NAME")
state=$data/sentinel.conf

ask() { # ask HOST PORT COMMAND...: what a server answers.
  host=$1 port=$2
  shift 2
  timeout 3 redis-cli -h "$host" -p "$port" --tls --cacert "$tls/ca.crt" --no-auth-warning "$@"
}

said() { # Who is the primary, by the first Sentinel that answers.
  for pod in redis-0 redis-1 redis-2; do
    answer=$(ask "$(name $pod)" 26379 sentinel get-master-addr-by-name relayfleet 2>/dev/null | head -n 1) || continue
    case $answer in
      *.svc) echo "$answer" && return ;;
    esac
  done
  return 1
}

kept() { # The same, by what this pod's Sentinel knew last.
  sed -n 's/^sentinel monitor relayfleet \([^ ]*\) .*/\1/p' "$state" 2>/dev/null | grep .
}

others_are_empty() { # Whether both have been asked, and hold nothing.
  for pod in redis-0 redis-1 redis-2; do
    [ "$pod" = "$POD_NAME" ] || [ "$(ask "$(name $pod)" 6379 dbsize 2>/dev/null)" = 0 ] || return 1
  done
}

shown() { # shown redis|sentinel: whether the certificate that it shows is the one that is there.
  [ "$(cksum <"$tls/tls.crt")" = "$(cat "$data/shown-by-$1")" ]
}

show() { # show redis|sentinel: from here on it is.
  cksum <"$tls/tls.crt" >"$data/shown-by-$1"
}

common() { # What both programs are told.
  cat <<CONF
bind $POD_IP
port 0
tls-cert-file $tls/tls.crt
tls-key-file $tls/tls.key
tls-ca-cert-file $tls/ca.crt
tls-auth-clients no
tls-replication yes
requirepass $REDISCLI_AUTH
dir $data
CONF
}

case $1 in
  server)
    # Replicas of an empty primary forget all. So one whose data are gone waits until Sentinel has another, and takes itself for the primary
    # only where nobody says so and both others are there and empty: the first time.
    until
      primary=$(said) || primary=$(kept) || primary=$(name redis-0)
      [ "$primary" != "$me" ] || [ -d "$data/appendonlydir" ] || { ! said >/dev/null && others_are_empty; }
    do
      echo "redis.sh: this is to be the primary, and has no data: waiting for another, or for both others to have none" >&2
      sleep 1
    done
    {
      common
      cat <<CONF
tls-port 6379
masterauth $REDISCLI_AUTH
replica-announce-ip $me
replica-announce-port 6379
appendonly yes
appendfsync always
save ""
min-replicas-to-write 1
min-replicas-max-lag 10
CONF
      [ "$primary" = "$me" ] || echo "replicaof $primary 6379"
    } >"$data/redis.conf"
    show redis
    exec redis-server "$data/redis.conf"
    ;;
  sentinel)
    if [ ! -s "$state" ]; then
      # The first time: not before this pod's Redis is what it is to be, so that nobody hears of a primary that was never there.
      until ask "$me" 6379 info replication 2>/dev/null | grep -qE 'role:master|master_link_status:up'; do sleep 1; done
      primary=$(said) || primary=$(name redis-0)
      echo "sentinel monitor relayfleet $primary 6379 2" >"$state"
    fi
    # What it has learnt stays, what it is told is told anew.
    learnt=$(grep -E '^sentinel (myid|monitor|config-epoch|leader-epoch|current-epoch|known-replica|known-sentinel) ' "$state")
    {
      common
      cat <<CONF
tls-port 26379
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
sentinel announce-ip $me
sentinel announce-port 26379
$learnt
sentinel auth-pass relayfleet $REDISCLI_AUTH
sentinel down-after-milliseconds relayfleet 5000
sentinel failover-timeout relayfleet 30000
sentinel parallel-syncs relayfleet 1
CONF
    } >"$state.new"
    mv "$state.new" "$state"
    show sentinel
    exec redis-server "$state" --sentinel
    ;;
  ready)
    if [ "${2:-6379}" = 26379 ]; then
      # Sentinel reads a certificate when it starts: the kubelet starts it again.
      shown sentinel || ask "$me" 26379 shutdown
      ask "$me" 26379 ping | grep -q PONG
    else
      shown redis || { ask "$me" 6379 -e config set tls-cert-file "$tls/tls.crt" tls-key-file "$tls/tls.key" tls-ca-cert-file "$tls/ca.crt" && show redis; }
      # A replica is not before it has what the primary has: a rollout that went on would end with three that have not.
      ask "$me" 6379 info replication | grep -qE 'role:master|master_link_status:up'
    fi
    ;;
  promote)
    # By hand, at the only one that has its data (docs/deploying.md, "Two volumes are lost"): one Sentinel of three elects nobody.
    [ "$(ask "$me" 6379 -e dbsize)" -gt 0 ] || { echo "redis.sh: nothing is stored here" >&2 && exit 1; }
    ask "$me" 26379 -e sentinel remove relayfleet
    ask "$me" 26379 -e sentinel monitor relayfleet "$me" 6379 2
    printf %s "$REDISCLI_AUTH" | ask "$me" 26379 -e -x sentinel set relayfleet auth-pass
    ask "$me" 26379 -e sentinel set relayfleet down-after-milliseconds 5000 failover-timeout 30000 parallel-syncs 1
    ask "$me" 6379 -e replicaof no one
    ;;
  *) echo "usage: redis.sh server|sentinel|promote|ready [PORT]" >&2 && exit 2 ;;
esac
