package op

import (
	"sync"
	"testing"
	"time"
)

// Workers always come in the end: tasks whose parts wait for each other are
// done, however long the workers had nothing to do.
func TestEnvMeet(t *testing.T) {
	const threads = 3
	e := NewEnv(threads)
	defer e.Close()
	for round := range 400 {
		var all sync.WaitGroup
		all.Add(threads)
		e.Run(threads, func(int, int) {
			all.Done()
			all.Wait()
		})
		if round%8 == 0 {
			time.Sleep(time.Duration(round) * 2 * time.Microsecond)
		}
	}
}
