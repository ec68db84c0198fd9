#!/bin/sh
# Starts what the container is told to. relay-node has the file capability cap_net_bind_service, and the kernel starts no file whose
# capabilities the container may not have (drop: ALL): there it is the copy without it, for ports from 1024 up.
case $1 in
  /opt/relayfleet/relay-node | relay-node)
    while read -r name value; do
      [ "$name" != CapBnd: ] || bounding=$value
    done </proc/self/status
    # CAP_NET_BIND_SERVICE is 10.
    if [ $((0x$bounding >> 10 & 1)) -eq 0 ]; then
      shift
      set -- /opt/relayfleet/relay-node.unprivileged "$@"
    fi
    ;;
esac
exec "$@"
