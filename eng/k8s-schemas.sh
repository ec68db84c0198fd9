#!/usr/bin/env bash
# Installs the schemas of Kubernetes' API, and of the kinds that the Prometheus operator and cert-manager add, into
# artifacts/k8s-schemas: npm packages, by the lock file beside their validator. Tests that need them are skipped where they are not.
set -euo pipefail
cd "$(dirname "$0")/.."
from=tests/Relay.Deploy.Tests/Kubernetes/Schemas
to=artifacts/k8s-schemas
mkdir -p "$to"
cp "$from/validate.mjs" "$to"
if [ -d "$to/node_modules" ] && cmp -s "$from/package-lock.json" "$to/package-lock.json"; then
  exit 0
fi
command -v npm >/dev/null || { echo "eng/k8s-schemas.sh: npm is not installed (Debian package npm)" >&2; exit 1; }
cp "$from/package.json" "$from/package-lock.json" "$to"
# Nothing that a package brings is run.
npm ci --prefix "$to" --ignore-scripts --no-audit --no-fund --silent || { rm -rf "$to/node_modules"; exit 1; }
