#!/bin/sh
# Drains this node through the fleet before its process is told to stop: RELAY_NODE_ID names it, RELAY_ADMIN_URL the
# coordinators, RELAY_FLEET_TOKEN_FILE the node's own token, which may drain the node itself and no other.
#
# Where an operator's drain has the node already, that one is watched until the node is drained, for as long as the node's
# own drain would take; where the node only waits for its turn in one, it is drained now.
#
# It never stands in the way of a stop. Where no coordinator answers, it ends at once, and the node drains by itself on
# the SIGTERM that follows, for as long as --graceful-shutdown-timeout-secs says.
#
# What a hook says is kept nowhere, so it goes to the log of the container's first process; but not where that has a file
# capability, as relay-node in the image: then the kernel lets no other process, its own user's neither, open its files.
if (: >>/proc/1/fd/2) 2>/dev/null; then exec >>/proc/1/fd/2 2>&1; else exec >&2; fi
deadline=${RELAY_DRAIN_DEADLINE_SECONDS:-240}
set -- drain "$RELAY_NODE_ID" --join --watch --deadline "$deadline" --reason "its container stops"
[ -n "${RELAY_FLEET_TOKEN_FILE:-}" ] && set -- "$@" --token-file "$RELAY_FLEET_TOKEN_FILE"
[ -n "${RELAY_FLEET_CA:-}" ] && set -- "$@" --ca "$RELAY_FLEET_CA"
"$(dirname "$0")/relayctl" "$@" || echo "prestop: relayctl ended with $?; SIGTERM drains the rest"
exit 0
