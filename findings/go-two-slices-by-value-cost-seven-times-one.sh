#!/usr/bin/env bash
# In Go a struct of two slices that two functions hand on by value takes seven times as long as one of one slice.
#
# Versions:    Go 1.26.0; seen on a Xeon with AVX-512 (Sapphire Rapids)
# Expectation: twice the words take about twice the time, some nanoseconds a call: the struct has just been
#              written, so it is read back from the store buffer.
# Behaviour:   it takes 25 ns instead of 3. A struct of more than four words is no value to the compiler, but memory:
#              copies of it are made 16 bytes at a time, right after its words were written 8 bytes at a time. The
#              processor cannot pass on to a load what two stores have written: the load waits until they, and all
#              stores before them, are in the cache. After a loop that writes much the wait is longer, and profiles
#              blame the function that hands the struct on. Filled through a pointer the same struct takes 4 ns.
# Output seen: two slices by value 25.4 ns, two slices by pointer 3.9 ns, one slice by value 3.4 ns
# Exits 0 while two slices by value take more than four times as long as each of the others, 1 when that has
# changed or cannot be seen on this processor. Needs go.
set -euo pipefail
dir=$(mktemp -d)
trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT
cd "$dir"
export GOTOOLCHAIN=go1.26.0 GOFLAGS=-mod=mod GOWORK=off
cat > go.mod <<'MOD'
module finding

go 1.26.0
MOD
cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"time"
)

type one struct{ a []float32 }

type two struct{ a, b []float32 }

//go:noinline
func cutOne(v one, at int) one { return one{a: v.a[at:][:16]} }

//go:noinline
func handOne(v one, at int) one { return cutOne(v, at) }

//go:noinline
func cutTwo(v two, at int) two { return two{a: v.a[at:][:16]} }

//go:noinline
func handTwo(v two, at int) two { return cutTwo(v, at) }

//go:noinline
func cutInto(to, v *two, at int) { to.a, to.b = v.a[at:][:16], nil }

//go:noinline
func handInto(to, v *two, at int) { cutInto(to, v, at) }

// best returns the nanoseconds of a call, in the fastest of many rounds.
func best(call func(at int) float32) float64 {
	least := time.Hour
	for range 200 {
		begin := time.Now()
		for at := range 1000 {
			sink += call(at)
		}
		least = min(least, time.Since(begin))
	}
	return float64(least.Nanoseconds()) / 1000
}

var sink float32

func main() {
	x := make([]float32, 2000)
	v1, v2 := one{x}, two{a: x}
	value := best(func(at int) float32 { return handTwo(v2, at).a[0] })
	pointer := best(func(at int) float32 {
		var to two
		handInto(&to, &v2, at)
		return to.a[0]
	})
	single := best(func(at int) float32 { return handOne(v1, at).a[0] })
	fmt.Printf("two slices by value %.1f ns, two slices by pointer %.1f ns, one slice by value %.1f ns\n",
		value, pointer, single)
	if value < 4*pointer || value < 4*single {
		os.Exit(1)
	}
}
GO
go run .
