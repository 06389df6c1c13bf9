#!/usr/bin/env bash
# Document.Text of muesli/roff takes its text for a format of fmt: percent signs of a manual page come out broken.
#
# Versions:    github.com/muesli/roff v0.1.0, the newest release (any Go since 1.22)
# Expectation: Text("...") writes the text, with what roff would read as its own escaped: that is all its
#              documentation says, and it escapes backslashes and points.
# Behaviour:   the escaped text is handed to fmt.Fprintf as the format, without arguments. "pruned to 45% of
#              its channels" becomes "pruned to 45%!o(MISSING)f its channels"; "100%" at the end "100%!(NOVERB)".
#              TextBold and TextItalic go the same way, List does not. So do the pages of programs that make
#              them by mango, which is built on it, where a help text has a percent sign.
# Output seen: text: pruned to 45%!o(MISSING)f its channels
#              list: pruned to 45% of its channels
# Exits 0 while this holds, 1 when it has changed. Needs go.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > go.mod <<'MOD'
module finding

go 1.22

require github.com/muesli/roff v0.1.0
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"
	"strings"

	"github.com/muesli/roff"
)

func last(d *roff.Document) string {
	lines := strings.Split(strings.TrimSpace(d.String()), "\n")
	return lines[len(lines)-1]
}

func main() {
	const text = "pruned to 45% of its channels"
	a, b := roff.NewDocument(), roff.NewDocument()
	a.Text(text)
	b.List(text)
	fmt.Println("text:", last(a))
	fmt.Println("list:", last(b))
}
GO
GOFLAGS=-mod=mod go run . > out
cat out
grep -qxF 'text: pruned to 45%!o(MISSING)f its channels' out && grep -qxF 'list: pruned to 45% of its channels' out
