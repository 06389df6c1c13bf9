#!/usr/bin/env bash
# Does a net find the same whatever size a photo comes in? Scores a checkpoint on a
# set as it is, reduced by area averages to a longest side of 256, and enlarged three
# times (bicubic), masks to match, and prints how far the scores lie apart: through csnet
# eval, which reads photos as the field's protocol does, and through the maps of csnet
# predict.
#
# Usage: scripts/photo_sizes.sh SET [CHECKPOINT] [OUT]
#        (default CHECKPOINT: the embedded model; default OUT: runs/photo-sizes)
# Needs ImageMagick's convert and identify.
set -euo pipefail
cd "$(dirname "$0")/.."
set=$(realpath "${1:?usage: scripts/photo_sizes.sh SET [CHECKPOINT] [OUT]}")
checkpoint=${2:-embedded}
out=${3:-runs/photo-sizes}
mkdir -p "$out"
go build -o "$out/csnet" ./cmd/csnet

photos=$(find "$set" -type d \( -iname images -o -iname imgs -o -iname '*-image' \) | head -1)
masks=$(find "$set" -type d \( -iname ground_truth_mask -o -iname gt -o -iname '*mask*' \) | head -1)
[ -d "$out/small/images" ] || {
  rm -rf "$out/small" "$out/large"
  mkdir -p "$out"/{small,large}/{images,GT}
  for photo in "$photos"/*; do
    stem=$(basename "${photo%.*}")
    mask=$(ls "$masks/$stem".* | head -1)
    convert "$photo" -filter box -resize '256x256>' "$out/small/images/$stem.png"
    size=$(identify -format '%wx%h!' "$out/small/images/$stem.png")
    convert "$mask" -colorspace gray -filter box -resize "$size" -threshold 50% "$out/small/GT/$stem.png"
    convert "$photo" -filter catrom -resize 300% -quality 95 "$out/large/images/$stem.jpg"
    convert "$mask" -colorspace gray -filter point -resize 300% "$out/large/GT/$stem.png"
  done
}
sets=(--data 1-as-it-is="$set" --data 2-small="$out/small" --data 3-large="$out/large")
"$out/csnet" eval --checkpoint net="$checkpoint" "${sets[@]}" --json > "$out/eval.json"
rm -rf "$out/maps"
"$out/csnet" predict --checkpoint "$checkpoint" --out "$out/maps/1-as-it-is" "$photos" > /dev/null
"$out/csnet" predict --checkpoint "$checkpoint" --out "$out/maps/2-small" "$out/small/images" > /dev/null
"$out/csnet" predict --checkpoint "$checkpoint" --out "$out/maps/3-large" "$out/large/images" > /dev/null
"$out/csnet" eval --maps net="$out/maps" "${sets[@]}" --json > "$out/predict.json"
for through in eval predict; do
  awk -F'[:,]' -v through="$through" '/"maxF"/{f[n++]=$2} /"MAE"/{m[k++]=$2} END{
    split("as it is|longest side 256, by area|three times as large, bicubic", name, "|")
    printf "| photos, csnet %s | maxF | MAE |\n|---|---|---|\n", through
    lo = hi = f[0]
    for (i = 0; i < n; i++) { printf "| %s | %.4f | %.4f |\n", name[i + 1], f[i], m[i]; if (f[i] < lo) lo = f[i]; if (f[i] > hi) hi = f[i] }
    printf "maxF within %.4f of each other\n\n", hi - lo }' "$out/$through.json"
done
