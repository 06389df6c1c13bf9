#!/usr/bin/env bash
# golang.org/x/image/webp gives the levels of a lossy WebP as they are stored, black as 16 and white as 235.
#
# Versions:    golang.org/x/image v0.47.0 (any Go since 1.25)
# Expectation: a WebP of black, grey and white decodes to 0, 128 and 255: package image's YCbCr
#              is that of JFIF, in the full range, and that is what its At and RGBA compute with.
# Behaviour:   the planes of VP8, which are in ITU-R BT.601's studio range (RFC 6386, section 9.2),
#              are handed on unchanged in an *image.YCbCr: pictures come out pale, with no hint of it.
# Output seen: *image.YCbCr 16 126 235
# Exits 0 while this holds, 1 when it has changed. Needs go.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > go.mod <<'MOD'
module finding

go 1.25

require golang.org/x/image v0.47.0
MOD
# 48x32 pixels: black, (128, 128, 128) and white side by side above a bar of red, by Pillow 9.4 at quality 95.
cat > main.go <<'GO'
package main

import (
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/image/webp"
)

const file = "UklGRlIAAABXRUJQVlA4IEYAAACQAwCdASowACAAPhkIgkEhBgAEAGEoAAT7w8WfVmLwv3aSBVEgAP7/yahf+f/wT6b06ff//sZv/+jK///w/7//w6QAAAAA"

func main() {
	img, err := webp.Decode(base64.NewDecoder(base64.StdEncoding, strings.NewReader(file)))
	if err != nil {
		panic(err)
	}
	fmt.Printf("%T", img)
	for _, x := range []int{4, 24, 44} {
		r, _, _, _ := img.At(x, 12).RGBA()
		fmt.Printf(" %d", r>>8)
	}
	fmt.Println()
}
GO
GOFLAGS=-mod=mod go mod tidy > /dev/null 2>&1
out=$(GOFLAGS=-mod=mod go run .)
echo "$out"
[ "$out" = "*image.YCbCr 16 126 235" ] || { echo "changed: it was *image.YCbCr 16 126 235"; exit 1; }
