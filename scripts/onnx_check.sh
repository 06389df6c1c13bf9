#!/usr/bin/env bash
# Exports nets of every kind as ONNX and compares what ONNX Runtime, ONNX Runtime
# Web and OpenCV DNN make of them with csnet's own logits. Prints one table and
# fails where a difference is above 1e-4 of the largest logit. Files of --half are
# compared with what they themselves give in float64, by the same bound; in the rows
# "rounding" stands how far their rounded weights are from the net, with a bound of the
# net's own (scripts/onnxcheck/half.go).
# Needs node and npm; OpenCV.js 4.12 and 5.0 come from npm, and OpenCV itself is tried
# where python3 has cv2 (Debian: python3-opencv).
# Usage: scripts/onnx_check.sh [CHECKPOINT...]
# The released net of $CSNET_SHARED (default ../shared) joins where it is.
set -euo pipefail
cd "$(dirname "$0")/.."
shared=$(realpath -m "${CSNET_SHARED:-../shared}")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
nets=("$@")
if [ -f "$shared/checkpoints/csnet-L-x1.pth.tar" ]; then
  go run ./cmd/csnet import --from "$shared/checkpoints/csnet-L-x1.pth.tar" --out "$tmp/x1-L.safetensors" 2> /dev/null
  nets+=("$tmp/x1-L.safetensors")
fi
go run ./scripts/onnxcheck "$tmp/nets" "${nets[@]}"
here=$PWD
(cd "$tmp" && npm install --silent --no-audit --no-fund --ignore-scripts onnxruntime-node@1.30.0 onnxruntime-web@1.30.0 > /dev/null)
(cd "$tmp" && node "$here/scripts/onnxcheck/ort.cjs" onnxruntime-node nets) > "$tmp/rows"
(cd "$tmp" && node "$here/scripts/onnxcheck/ort.cjs" onnxruntime-web nets) >> "$tmp/rows"
for version in 4.12.0-release.1 5.0.0-release.1; do
  mkdir -p "$tmp/cv$version"
  (cd "$tmp/cv$version" && npm install --silent --no-audit --no-fund --ignore-scripts "@techstark/opencv-js@$version" > /dev/null && node "$here/scripts/onnxcheck/cvjs.cjs" @techstark/opencv-js ../nets) >> "$tmp/rows"
done
cat "$tmp/nets/half.tsv" >> "$tmp/rows"
for python in /usr/bin/python3 python3; do
  if "$python" -c 'import cv2' 2> /dev/null; then
    "$python" scripts/onnxcheck/cv.py "$tmp/nets" >> "$tmp/rows"
    break
  fi
done
awk -F'\t' '
  { net = $2; sub(/-(a|b|dynamic)\.onnx$/, "", net); key = net "\t" $1
    if (!(key in worst) || $4 + 0 > worst[key] + 0) worst[key] = $4
    runs[key]++
    bound[key] = $1 == "rounding" ? $5 : "1e-4"
    if (!($4 + 0 <= bound[key] + 0)) { bad++; print "too far: " $0 } }
  END {
    printf "%-18s %-20s %5s  %-10s %s\n", "net", "program", "runs", "largest", "bound (difference, of the largest logit)"
    for (key in worst) { split(key, part, "\t"); printf "%-18s %-20s %5d  %-10s %s\n", part[1], part[2], runs[key], worst[key], bound[key] | "sort" }
    close("sort")
    exit bad > 0 }' "$tmp/rows"
