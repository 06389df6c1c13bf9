package imagefile

import (
	"fmt"
	"runtime"
	"sync"
)

// RoomBytes is how much pictures being decoded at the same time take together,
// where nobody wants otherwise: 2 GiB.
const RoomBytes = 2 << 30

// largeBytes is from when on a picture's memory is collected at once when it is
// done with, and not at some time later beside that of the next one.
const largeBytes = 128 << 20

// Room is memory that threads share for pictures being decoded. A picture that needs
// more than all of it has it alone, so that together they take the larger of the
// room and the largest picture, however many threads there are. They get it in the
// order in which they asked. A nil *Room has no bound.
type Room struct {
	most, limit int64

	mu    sync.Mutex
	moved *sync.Cond
	used  int64
	next  int // ticket to be handed out
	turn  int // ticket that is served
}

// NewRoom makes a room of most bytes, at least 1. A picture that needs more than
// limit bytes is refused; 0 is no limit.
func NewRoom(most, limit int64) *Room {
	r := &Room{most: max(most, 1), limit: limit}
	r.moved = sync.NewCond(&r.mu)
	return r
}

// Take waits until so many bytes are free and takes them; give gives them back. Who
// has taken some must not take more before that. Errors: bytes are above the limit.
func (r *Room) Take(bytes int64) (give func(), err error) {
	if r == nil {
		return func() {}, nil
	}
	if r.limit > 0 && bytes > r.limit {
		return nil, fmt.Errorf("needs about %d MB to be decoded, %d MB are left", bytes>>20, r.limit>>20)
	}
	n := min(max(bytes, 0), r.most)
	r.mu.Lock()
	ticket := r.next
	r.next++
	for ticket != r.turn || r.used+n > r.most {
		r.moved.Wait()
	}
	r.turn++
	r.used += n
	r.mu.Unlock()
	r.moved.Broadcast() // the next one may fit as well
	return func() {
		if Large(bytes) {
			runtime.GC()
		}
		r.mu.Lock()
		r.used -= n
		r.mu.Unlock()
		r.moved.Broadcast()
	}, nil
}

// Large says whether so many bytes are worth being freed at once.
func Large(bytes int64) bool { return bytes >= largeBytes }
