#!/usr/bin/env bash
# What 300 photos of one's own kind bring: fruit out of DUTS-TR-6000, 300 pairs to
# train on, all others of the kind held back. Scores the model in the program, the
# same after configs/own-photos.yaml, and a net from nothing after
# configs/own-photos-scratch.yaml on the held-back pictures, and prints a table with
# the minutes that each took. (The model in the program has seen most of the
# pictures among the 10,003 that it was trained on; so the gain is rather too small.)
#
# Usage: scripts/own_photos.sh [OUT]     (default runs/own-photos)
# Photos come from $CSNET_SHARED/datasets (default ../shared). STEPS=N cuts both
# trainings to N steps, to try the script.
set -euo pipefail
cd "$(dirname "$0")/.."
set6000=${CSNET_SHARED:-../shared}/datasets/DUTS-TR-6000
out=${1:-runs/own-photos}
mkdir -p "$out"
go build -o "$out/csnet" ./cmd/csnet
csnet=$out/csnet

# The kind: apples, strawberries, oranges, lemons, figs, pineapples, bananas and
# pomegranates, by the first part of their names (ImageNet's number of the kind).
kind='^n077(39|42|45|47|49|53|68)[0-9]*_'
rm -rf "$out/train" "$out/held"
for part in train held; do mkdir -p "$out/$part/images" "$out/$part/GT"; done
photos=$(realpath "$set6000/DUTS-TR-Image")
masks=$(realpath "$set6000/DUTS-TR-Mask")
n=0
while read -r name; do
  stem=${name%.jpg}
  part=held
  if [ $((n % 5)) -lt 3 ] && [ "$(ls "$out/train/images" | wc -l)" -lt 300 ]; then part=train; fi
  ln -s "$photos/$name" "$out/$part/images/$name"
  ln -s "$masks/$stem.png" "$out/$part/GT/$stem.png"
  n=$((n + 1))
done < <(ls "$photos" | grep -E "$kind" | LC_ALL=C sort)
echo "$(ls "$out/train/images" | wc -l) pairs to train on, $(ls "$out/held/images" | wc -l) held back"

cut=()
[ -z "${STEPS:-}" ] || cut=(--set "train.steps=$STEPS")

# score NAME MINUTES CHECKPOINT: a row of the table.
score() {
  "$csnet" eval --checkpoint "$3" --data held="$out/held" --json 2>/dev/null |
    awk -v name="$1" -v minutes="$2" -F'[:,]' '/"maxF"/{f=$2} /"MAE"/{m=$2} END{printf "| %s | %s | %.4f | %.4f |\n", name, minutes, f, m}'
}

# train NAME ARGS...: a run; its minutes go to $minutes.
train() {
  local name=$1 start=$SECONDS
  shift
  rm -rf "${out:?}/$name"
  "$csnet" train "$@" --data "$out/train" --out "$out/$name" "${cut[@]}"
  minutes=$(awk -v s=$((SECONDS - start)) 'BEGIN{printf "%.1f", s / 60}')
}

{
  echo "| net | minutes | maxF | MAE |"
  echo "|---|---|---|---|"
  score "in the program" 0 embedded
} > "$out/table.md"
train tuned --config configs/own-photos.yaml --from embedded
score "own-photos" "$minutes" "$out/tuned/checkpoints/best.safetensors" >> "$out/table.md"
train scratch --config configs/own-photos-scratch.yaml
score "own-photos-scratch" "$minutes" "$out/scratch/checkpoints/best.safetensors" >> "$out/table.md"
cat "$out/table.md"
