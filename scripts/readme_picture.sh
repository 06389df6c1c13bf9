#!/usr/bin/env bash
# Makes docs/img/result.jpg: two free photos and the maps that the model in the
# program gives of them. The photos are those of scikit-image (Debian: apt-get
# install python3-skimage imagemagick): coffee.png, CC0 by Rachel Michetti, and
# astronaut.png, NASA, public domain.
#
#   scripts/readme_picture.sh [CSNET]     # a built csnet; default: go run ./cmd/csnet
set -euo pipefail
cd "$(dirname "$0")/.."
photos=${PHOTOS:-/usr/lib/python3/dist-packages/skimage/data}
csnet=("${1:-}")
[ -n "${csnet[0]}" ] || csnet=(go run ./cmd/csnet)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in coffee astronaut; do
  [ -f "$photos/$name.png" ] || { echo "readme_picture: no $photos/$name.png: install python3-skimage, or name its data folder by PHOTOS" >&2; exit 1; }
  "${csnet[@]}" predict --out "$work/maps" "$photos/$name.png"
  for side in "$photos/$name.png" "$work/maps/$name.png"; do
    convert "$side" -resize x220 "$work/$name-$(basename "$(dirname "$side")").png"
  done
done
mkdir -p docs/img
convert "$work"/coffee-data.png "$work"/coffee-maps.png "$work"/astronaut-data.png "$work"/astronaut-maps.png \
  -bordercolor white -border 3x3 +append -strip -quality 85 docs/img/result.jpg
ls -l docs/img/result.jpg
