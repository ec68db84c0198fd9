#!/usr/bin/env bash
# Says where files are not formatted as .editorconfig has it, and changes nothing. After a build: style is its analyzers' part.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet format whitespace . --folder --verify-no-changes
