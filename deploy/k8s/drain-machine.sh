#!/bin/sh
# drain-machine.sh MACHINE: drains the machine's relay, waits until it is gone, then drains the machine.
# For the overlays with a DaemonSet, whose pods `kubectl drain` leaves alone.
set -eu
machine=${1:?usage: drain-machine.sh MACHINE}
kubectl cordon "$machine"
# Without the label the relay has no business there: its pod is deleted, and drains first (preStop, then SIGTERM).
kubectl label node "$machine" relayfleet/relay- >/dev/null
kubectl -n relayfleet-nodes wait --for=delete pod --field-selector "spec.nodeName=$machine" \
  -l app.kubernetes.io/name=relay-node --timeout=330s
kubectl drain "$machine" --ignore-daemonsets --delete-emptydir-data
echo "later: kubectl uncordon $machine && kubectl label node $machine relayfleet/relay=true"
