#!/bin/sh
# Writes what the components alerts and dashboards consist of, from deploy/prometheus and deploy/grafana: a kustomization cannot read
# files beside it. Neither is kept in the repository; run it again when those change.
set -eu
cd "$(dirname "$0")"
labels() { # labels COMPONENT
  printf '  namespace: relayfleet-nodes\n  labels:\n    app.kubernetes.io/part-of: relayfleet\n    app.kubernetes.io/component: %s\n' "$1"
}

{
  echo '# Of deploy/prometheus/rules.yaml, by generate.sh.'
  printf 'apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: relayfleet\n'
  labels monitoring
  echo 'spec:'
  sed 's/^\(.\)/  \1/' ../prometheus/rules.yaml
} >components/alerts/generated.yaml

for file in ../grafana/dashboards/*.json; do
  name=$(basename "$file" .json)
  printf -- '---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: relayfleet-dashboard-%s\n' "$name"
  labels monitoring
  printf '    grafana_dashboard: "1"\ndata:\n  relayfleet-%s.json: |\n' "$name"
  sed 's/^/    /' "$file"
  # The last line need not have an end.
  echo
done >components/dashboards/generated.yaml
