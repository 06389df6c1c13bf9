#!/usr/bin/env bash
# A program that holds VictoriaMetrics/metrics reads files of its control group before main, whether it exposes metrics or not.
#
# Versions:    github.com/VictoriaMetrics/metrics v1.45.0, Go 1.26, Linux
# Expectation: importing a library of counters and histograms ("lightweight", by its own words) costs a table or two;
#              what it tells of the process is read when WriteProcessMetrics is called.
# Behaviour:   variables of the package are set by functions that open /proc/self/cgroup, cpu.pressure, io.pressure,
#              memory.pressure and cpu.stat, each with half a dozen calls of the system, at the start of every program that has the
#              package among its dependencies, however far below. A command-line program pays it at each call.
# Output seen: reads before main: 6 without, 17 with the import   (the numbers depend on the control groups there are)
# Exits 0 while this holds, 1 when it has changed. Needs go and Linux.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > go.mod <<'MOD'
module finding

go 1.26

require github.com/VictoriaMetrics/metrics v1.45.0
MOD
mkdir without with
cat > without/main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"strings"
)

// main tells how many calls of read the process has made, this one's own left out.
func main() {
	raw, err := os.ReadFile("/proc/self/io")
	if err != nil {
		panic(err)
	}
	for line := range strings.Lines(string(raw)) {
		if strings.HasPrefix(line, "syscr: ") {
			fmt.Print(strings.TrimPrefix(line, "syscr: "))
		}
	}
}
GO
sed 's#^import (#import (\n\t_ "github.com/VictoriaMetrics/metrics"#' without/main.go > with/main.go
export GOFLAGS=-mod=mod CGO_ENABLED=0
go build -o a ./without
go build -o b ./with
without=$(./a) with=$(./b)
echo "reads before main: $without without, $with with the import"
[ "$with" -gt "$without" ]
