#!/usr/bin/env bash
# Starts csnet serve and uses its page in Chromium (scripts/page/page.mjs). Where npm
# or Chromium is not here it says so and ends with 0.
# Usage: scripts/page_check.sh [PHOTO.jpg [OUT]]; without a photo one is drawn.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
export CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v google-chrome || true)}
if [ -z "$CHROMIUM" ] || ! command -v npm > /dev/null; then
  echo "left out: no Chromium or no npm here"
  exit 0
fi
tmp=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$tmp"' EXIT
go build -o "$tmp/csnet" ./cmd/csnet
photo=${1:-}
if [ -z "$photo" ]; then
  go run ./scripts/drawset "$tmp/set" 1 320 1
  photo=$tmp/set/images/0000.jpg
fi
photo=$(realpath "$photo")
out=$(realpath -m "${2:-$tmp/out}")
mkdir -p "$out"
"$tmp/csnet" serve --addr 127.0.0.1:0 2> "$tmp/said" &
server=$!
cp scripts/page/page.mjs "$tmp/"
cd "$tmp"
if ! timeout 300 npm install --silent --no-audit --no-fund --ignore-scripts puppeteer-core@24 > /dev/null 2>&1; then
  echo "left out: npm cannot install puppeteer-core here"
  exit 0
fi
url=$(sed -n 's|.*listening on \(http://[^,]*\),.*|\1/|p' said)
[ -n "$url" ] || { cat said; exit 1; }
node page.mjs "$url" "$photo" "$out"
cd "$root"
