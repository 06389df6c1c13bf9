#!/usr/bin/env bash
# Builds a release into OUT (default dist): the program for six platforms, each in an
# archive with LICENSE, README, CHANGELOG, completions and manual pages, checksums and
# an SBOM (CycloneDX) for each. It does what .goreleaser.yaml says, with go, tar and
# zip alone; the same commit gives the same bytes. An SBOM needs cyclonedx-gomod, which
# is installed into OUT/.tools where it is not in the PATH; where that fails it is said.
# Usage: scripts/release.sh [OUT [OS/ARCH...]]
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(realpath -m "${1:-dist}")
targets=("${@:2}")
[ ${#targets[@]} -gt 0 ] || targets=(linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64)
version=$(sed -n 's/^const release = "\(.*\)"$/\1/p' cmd/csnet/version.go)
date=$(git log -1 --format=%ct)
commit=$(git rev-parse HEAD)
rm -rf "$out"
mkdir -p "$out"
bash scripts/release_files.sh "$out/.files"

export PATH="$out/.tools:$PATH"
if ! command -v cyclonedx-gomod > /dev/null && ! GOBIN=$out/.tools go install github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0; then
  echo "no SBOM: cyclonedx-gomod cannot be installed here"
fi

for target in "${targets[@]}"; do
  os=${target%/*} arch=${target#*/}
  name=csnet_${version}_${os}_${arch}
  dir=$out/.stage/$name
  mkdir -p "$dir"
  program=$dir/csnet
  [ "$os" != windows ] || program=$program.exe
  CGO_ENABLED=0 GOOS=$os GOARCH=$arch go build -trimpath -buildvcs=true -ldflags='-s -w' -o "$program" ./cmd/csnet
  # In a work tree that shares another's .git, go build stamps nothing, without a word.
  go version -m "$program" | grep "vcs.revision=$commit" > /dev/null || { echo "$name: does not hold the commit $commit: build in a clone"; exit 1; }
  cp -r LICENSE README.md CHANGELOG.md "$out/.files/completions" "$out/.files/man" "$dir/"
  find "$dir" -exec touch -h -d "@$date" {} +
  if [ "$os" = windows ]; then
    (cd "$dir" && find . -type f | LC_ALL=C sort | zip -X -q "$out/$name.zip" -@)
  else
    tar -C "$dir" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$date" -cf - . | gzip -n > "$out/$name.tar.gz"
  fi
  if command -v cyclonedx-gomod > /dev/null; then
    cyclonedx-gomod bin -json -output "$out/$name.cdx.json" "$program"
  fi
  echo "$name: $(stat -c %s "$program") bytes"
done
rm -rf "$out/.files" "$out/.stage" "$out/.tools"
(cd "$out" && sha256sum csnet_* > checksums.txt)
echo "$(wc -l < "$out/checksums.txt") files in $out"
