#!/usr/bin/env bash
# Runs the programs of examples/ on one photo and compares their maps with that of
# csnet predict: mean absolute difference in grey levels, at most 3. What a
# program needs that is not here is said and left out.
# Needs go and ImageMagick (compare); g++ with OpenCV, python3 with cv2, node with
# npm, chromium for one example each. Usage: scripts/examples_check.sh PHOTO
set -euo pipefail
cd "$(dirname "$0")/.."
photo=$(realpath "${1:?usage: scripts/examples_check.sh PHOTO}")
root=$PWD
tmp=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$tmp"' EXIT
go build -o "$tmp/csnet" ./cmd/csnet
cd "$tmp"
./csnet export --format onnx --size 224 --with-normalize --with-sigmoid --out csnet.onnx 2> err || { cat err; exit 1; }
./csnet predict --size 224 --out want "$photo" 2> err || { cat err; exit 1; }
want=$(echo want/*)

bad=0
# show NAME MAP: the map's distance from csnet's.
show() {
  local mae
  mae=$(compare -metric MAE "$2" "$want" null: 2>&1 | sed 's/.*(\(.*\))/\1/' || true)
  awk -v name="$1" -v mae="$mae" 'BEGIN { printf "%-10s %.2f grey levels from csnet predict\n", name, 255 * mae; exit !(255 * mae <= 3) }' || bad=1
}
without() { printf '%-10s left out: %s is not here\n' "$1" "$2"; }

python=
for p in /usr/bin/python3 python3; do
  if "$p" -c 'import cv2' 2> /dev/null; then python=$p; break; fi
done
if [ -n "$python" ]; then
  "$python" "$root/examples/python/saliency.py" csnet.onnx "$photo" python.png
  show python python.png
else
  without python "python3 with cv2"
fi

if pkg-config --exists opencv4 2> /dev/null; then
  # shellcheck disable=SC2046
  g++ -O2 "$root/examples/cpp/saliency.cpp" -o saliency $(pkg-config --cflags --libs opencv4)
  ./saliency csnet.onnx "$photo" cpp.png
  show cpp cpp.png
else
  without cpp "OpenCV for C++"
fi

if command -v npm > /dev/null; then
  cp -r "$root/examples/node" node
  (cd node && npm install --silent --no-audit --no-fund --ignore-scripts > /dev/null && node saliency.mjs ../csnet.onnx "$photo" ../node.png)
  show node node.png
else
  without node "npm"
fi

if command -v npm > /dev/null && command -v chromium > /dev/null && command -v python3 > /dev/null; then
  cp -r "$root/examples/browser" browser
  cp csnet.onnx "$photo" browser/
  (cd browser && npm install --silent --no-audit --no-fund --ignore-scripts > /dev/null && npm install --silent --no-save --no-audit --no-fund --ignore-scripts puppeteer-core@24 > /dev/null)
  (cd browser && exec python3 -m http.server --bind 127.0.0.1 8973 > /dev/null 2>&1) &
  server=$!
  cp "$root/scripts/examples/browser.mjs" browser/
  (cd browser && node browser.mjs http://127.0.0.1:8973/index.html "$photo" ../browser.png)
  show browser browser.png
else
  without browser "npm, chromium or python3"
fi
exit $bad
