#!/usr/bin/env bash
# Runs the programs of examples/ on one photo, by the commands of examples/README.md as
# they stand there, and compares their maps with that of csnet predict: mean absolute
# difference in grey levels, at most 3. What a program needs that is not here is said
# and left out.
# Needs go and ImageMagick (compare); g++ with OpenCV, python3 with cv2, node with
# npm, chromium for one example each. Usage: scripts/examples_check.sh PHOTO.jpg
set -euo pipefail
cd "$(dirname "$0")/.."
photo=$(realpath "${1:?usage: scripts/examples_check.sh PHOTO.jpg}")
root=$PWD
tmp=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill -- "-$server"; rm -rf "$tmp"' EXIT
mkdir "$tmp/bin"
go build -o "$tmp/bin/csnet" ./cmd/csnet
export PATH="$tmp/bin:$PATH" npm_config_audit=false npm_config_fund=false npm_config_yes=true
cd "$tmp"
# The first command of the page writes the net.
bash -c "$(grep -m1 '^csnet export' "$root/examples/README.md")" 2> err || { cat err; exit 1; }
csnet predict --size 224 --out want "$photo" 2> err || { cat err; exit 1; }
want=$(echo want/*)

# pasted FOLDER: the folder's command in the table.
pasted() { sed -n "s/^| \[$1\](.*| \`\([^\`]*\)\`[^\`]*|$/\1/p" "$root/examples/README.md"; }

# ready FOLDER: a copy of the example with the net and the photo beside it.
ready() {
  cp -r "$root/examples/$1" "$1"
  cp csnet.onnx "$1/"
  cp "$photo" "$1/photo.jpg"
}

# example FOLDER: runs the folder's command.
example() {
  ready "$1"
  (cd "$1" && bash -c "$(pasted "$1")" > out 2>&1) || { cat "$1/out"; bad=1; return; }
  show "$1" "$1/map.png"
}

bad=0
# show NAME MAP: the map's distance from csnet's.
show() {
  local mae
  mae=$(compare -metric MAE "$2" "$want" null: 2>&1 | sed 's/.*(\(.*\))/\1/' || true)
  awk -v name="$1" -v mae="$mae" 'BEGIN { printf "%-10s %.2f grey levels from csnet predict\n", name, 255 * mae; exit !(255 * mae <= 3) }' || bad=1
}
without() { printf '%-10s left out: %s is not here\n' "$1" "$2"; }

for p in /usr/bin/python3 python3; do
  if "$p" -c 'import cv2' 2> /dev/null; then ln -sf "$(command -v "$p")" bin/cv2python; break; fi
done
if [ -e bin/cv2python ]; then
  mv bin/cv2python bin/python3
  example python
else
  without python "python3 with cv2"
fi

if pkg-config --exists opencv4 2> /dev/null; then
  example cpp
else
  without cpp "OpenCV for C++"
fi

if command -v npm > /dev/null; then
  example node
else
  without node "npm"
fi

if command -v npm > /dev/null && command -v chromium > /dev/null; then
  ready browser
  touch browser/out # which may be looked at before the server has begun
  # A group of its own: the command starts others, and all must end.
  (cd browser && exec setsid bash -c "$(pasted browser)" > out 2>&1) &
  server=$!
  for _ in $(seq 600); do
    url=$(sed 's/\x1b\[[0-9;]*m//g' browser/out 2> /dev/null | sed -n 's|.*\(http://127.0.0.1:[0-9]*\).*|\1|p' | head -1)
    [ -z "$url" ] || break
    sleep 0.5
  done
  mkdir drive
  cp "$root/scripts/examples/browser.mjs" drive/
  (cd drive && npm install --silent --no-save --ignore-scripts puppeteer-core@24 > /dev/null)
  (cd drive && node browser.mjs "$url/index.html" "$photo" ../browser.png)
  show browser browser.png
else
  without browser "npm or chromium"
fi
exit $bad
