#!/usr/bin/env bash
# Makes docs/img/model-card.jpg: seven free photos, above each the photo and below it
# the map that the model in the program gives. The photos are those of scikit-image
# (Debian: apt-get install python3-skimage imagemagick); docs/model-card.md names
# their authors.
#
#   scripts/model_card_picture.sh [CSNET]     # a built csnet; default: go run ./cmd/csnet
set -euo pipefail
cd "$(dirname "$0")/.."
photos=${PHOTOS:-/usr/lib/python3/dist-packages/skimage/data}
csnet=("${1:-}")
[ -n "${csnet[0]}" ] || csnet=(go run ./cmd/csnet)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
columns=()
for name in coffee.png astronaut.png motorcycle_left.png clock_motion.png chelsea.png rocket.jpg hubble_deep_field.jpg; do
  [ -f "$photos/$name" ] || { echo "model_card_picture: no $photos/$name: install python3-skimage, or name its data folder by PHOTOS" >&2; exit 1; }
  stem=${name%.*}
  "${csnet[@]}" predict --out "$work/maps" "$photos/$name"
  convert "$photos/$name" -resize 180x180^ -gravity center -extent 180x180 "$work/$stem-photo.png"
  convert "$work/maps/$stem.png" -resize 180x180^ -gravity center -extent 180x180 "$work/$stem-map.png"
  convert "$work/$stem-photo.png" "$work/$stem-map.png" -bordercolor white -border 3x3 -append "$work/$stem-column.png"
  columns+=("$work/$stem-column.png")
done
mkdir -p docs/img
convert "${columns[@]}" +append -strip -quality 85 docs/img/model-card.jpg
ls -l docs/img/model-card.jpg
