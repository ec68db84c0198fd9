# shellcheck shell=bash
# Servers of others, which a table puts beside the relay: sourced after measure.sh.
#
# None of them is a relay. They send or take a file over HTTP/3, to ngtcp2's own client: what QUIC and HTTP/3 cost without a
# second leg.
#   gtlsserver  ngtcp2's own, by the same libraries as the relay          ngtcp2-server, ngtcp2-client
#   caddy       in Go, by quic-go                                         caddy, ngtcp2-client
peers=() absent=()

# find_peers: those that are installed are in peers; of others a line is in absent.
find_peers() {
  local peer
  mkdir -p "$work/www"
  truncate -s "$(size $((1 << 30)))" "$work/www/file"
  echo >"$work/www/short"
  for peer in gtlsserver caddy; do
    if command -v "$peer" >/dev/null && command -v gtlsclient >/dev/null; then peers+=("$peer"); else absent+=("$peer"); fi
  done
}

# start_peers CPU PORT: each at a port of its own, from that on; one thread each.
start_peers() {
  local peer at=$2
  for peer in "${peers[@]}"; do
    ports[$peer]=$((at++))
    case $peer in
      gtlsserver)
        taskset -c "$1" gtlsserver -q -d "$work/www" 127.0.0.1 "${ports[$peer]}" "$work/key.pem" "$work/cert.pem" \
          >/dev/null 2>"$work/$peer.log" &
        ;;
      caddy)
        cat >"$work/Caddyfile" <<TEXT
{
	admin off
	auto_https off
}
https://localhost:${ports[$peer]} {
	bind 127.0.0.1
	tls $work/cert.pem $work/key.pem
	root * $work/www
	file_server
}
TEXT
        GOMAXPROCS=1 XDG_DATA_HOME=$work XDG_CONFIG_HOME=$work \
          taskset -c "$1" caddy run --config "$work/Caddyfile" --adapter caddyfile >/dev/null 2>"$work/$peer.log" &
        ;;
    esac
    pids[$peer]=$!
    for _ in $(seq 100); do ask "$peer" short 2>/dev/null | grep -q ':status: 200' && continue 2; sleep 0.1; done
    cat "$work/$peer.log" >&2
    echo "$peer serves nothing" >&2
    exit 1
  done
}

# ask PEER FILE OPTIONS…: one request; the client is on CPU 0.
ask() {
  local at=${ports[$1]} file=$2; shift 2
  taskset -c 0 timeout 300 gtlsclient --no-quic-dump --no-http-dump --exit-on-all-streams-close --timeout=2s "$@" \
    127.0.0.1 "$at" "https://localhost/$file" 2>&1
}

# move PEER down|up: a file in one direction; prints the CPU seconds that the server needs for it.
move() {
  local before from=(file)
  [ "$2" = down ] || from=(short -m POST -d "$work/www/file")
  before=$(cpu_seconds "${pids[$1]}") bytes=$(sent_bytes)
  ask "$1" "${from[@]}" -q >/dev/null
  [ $(($(sent_bytes) - bytes)) -ge "$(size $((1 << 30)))" ] || { echo "$1 moved too little" >&2; exit 1; }
  calc "$(cpu_seconds "${pids[$1]}") - $before" '%.4g\n'
}

sent_bytes() { awk '$1 == "lo:" { print $2 }' /proc/net/dev; } # by loopback, whoever did
