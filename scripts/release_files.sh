#!/usr/bin/env bash
# Writes what a release carries beside the program: shell completions and manual
# pages. Usage: scripts/release_files.sh OUT
set -euo pipefail
out=$(realpath -m "${1:?usage: scripts/release_files.sh OUT}")
cd "$(dirname "$0")/.."
rm -rf "$out"
mkdir -p "$out/completions" "$out/man"
go build -o "$out/csnet" ./cmd/csnet
for shell in bash zsh fish powershell; do "$out/csnet" completion "$shell" > "$out/completions/csnet.$shell"; done
"$out/csnet" man "$out/man"
rm "$out/csnet"
