// Command drawset draws a small saliency set, for scripts that have no photos:
//
//	go run ./scripts/drawset DIR COUNT SIZE [SEED]
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"csnet/internal/synth"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "drawset:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 3 || len(args) > 4 {
		return fmt.Errorf("%d arguments, must be DIR COUNT SIZE [SEED]", len(args))
	}
	numbers := []int{0, 0, 1}
	for i, s := range args[1:] {
		n, err := strconv.Atoi(s)
		if err != nil {
			return err
		}
		numbers[i] = n
	}
	return synth.Write(context.Background(), args[0], uint64(numbers[2]), numbers[0], numbers[1], nil)
}
