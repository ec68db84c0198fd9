#!/usr/bin/env bash
# Says where files are not formatted as .editorconfig has it, and changes nothing. Style is the part of the build's analyzers.
set -euo pipefail
cd "$(dirname "$0")/.."
exec dotnet format whitespace . --folder --verify-no-changes
