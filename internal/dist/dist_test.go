package dist

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// each runs f as p ranks.
func each(p int, f func(c Comm)) {
	var wg sync.WaitGroup
	for _, c := range NewLocal(p) {
		wg.Go(func() { f(c) })
	}
	wg.Wait()
}

// Every call gives every rank what the others had, in the order of the ranks.
func TestLocal(t *testing.T) {
	for _, p := range []int{1, 2, 3, 5} {
		each(p, func(c Comm) {
			for round := range 20 {
				me := byte(10*round + c.Rank())
				all := make([]byte, 2*p)
				all[2*c.Rank()], all[2*c.Rank()+1] = me, 200
				if err := c.Gather(all); err != nil {
					t.Error(err)
				}
				var n []int
				var uneven, want []byte
				for r := range p {
					n = append(n, r+1)
					uneven = append(uneven, bytes.Repeat([]byte{0}, r+1)...)
					want = append(want, bytes.Repeat([]byte{byte(10*round + r)}, r+1)...)
					if all[2*r] != byte(10*round+r) || all[2*r+1] != 200 {
						t.Errorf("rank %d gathered %v", c.Rank(), all)
					}
				}
				copy(uneven[c.Rank()*(c.Rank()+1)/2:], bytes.Repeat([]byte{me}, c.Rank()+1))
				if err := c.GatherV(uneven, n); err != nil || !bytes.Equal(uneven, want) {
					t.Errorf("rank %d gathered %v, want %v: %v", c.Rank(), uneven, want, err)
				}
				// To rank d: d+1 bytes that say from and to.
				var out, in, wantIn []byte
				var sends, gets []int
				for d := range p {
					out = append(out, bytes.Repeat([]byte{byte(16*c.Rank() + d)}, d+1)...)
					sends, gets = append(sends, d+1), append(gets, c.Rank()+1)
					in = append(in, make([]byte, c.Rank()+1)...)
					wantIn = append(wantIn, bytes.Repeat([]byte{byte(16*d + c.Rank())}, c.Rank()+1)...)
				}
				if err := c.Exchange(out, sends, in, gets); err != nil || !bytes.Equal(in, wantIn) {
					t.Errorf("rank %d got %v, want %v: %v", c.Rank(), in, wantIn, err)
				}
				b := []byte{me}
				if err := c.Bcast(b, p-1); err != nil || b[0] != byte(10*round+p-1) {
					t.Errorf("rank %d got %v: %v", c.Rank(), b, err)
				}
			}
		})
	}
}

// Single moves what one rank of a Local group does.
func TestSingle(t *testing.T) {
	for _, c := range []Comm{Single{}, NewLocal(1)[0]} {
		in, b := make([]byte, 3), []byte{7}
		if err := errors.Join(c.Gather(b), c.GatherV(b, []int{1}), c.Bcast(b, 0), c.Exchange([]byte{1, 2, 3}, []int{3}, in, []int{3}), c.Close(nil)); err != nil {
			t.Error(err)
		}
		if b[0] != 7 || !bytes.Equal(in, []byte{1, 2, 3}) || c.Size() != 1 || c.Rank() != 0 {
			t.Errorf("%v %v", b, in)
		}
	}
}

// A rank that leaves, or calls something else, keeps nobody waiting.
func TestLocalBroken(t *testing.T) {
	each(3, func(c Comm) {
		if c.Rank() == 1 {
			_ = c.Close(errors.New("no more"))
			return
		}
		if err := c.Gather(make([]byte, 3)); err == nil || !strings.Contains(err.Error(), "rank 1: no more") {
			t.Errorf("rank %d: %v", c.Rank(), err)
		}
	})
	each(2, func(c Comm) {
		if err := c.Gather(make([]byte, 2+2*c.Rank())); err == nil || !strings.Contains(err.Error(), "rank 1 calls gather of 4 bytes") {
			t.Errorf("rank %d: %v", c.Rank(), err)
		}
	})
}

// All ranks hear of the lowest rank's error; an interrupt is one only without errors.
func TestAgree(t *testing.T) {
	bad := errors.New("photo 7 is cut")
	for _, x := range []struct {
		errs [3]error
		want string
	}{
		{[3]error{}, ""},
		{[3]error{nil, context.Canceled, nil}, "context canceled"},
		{[3]error{nil, bad, context.Canceled}, "rank 1 (host1): photo 7 is cut"},
		{[3]error{nil, bad, errors.New("other")}, "rank 1 (host1): photo 7 is cut"},
		{[3]error{nil, nil, errors.New(strings.Repeat("long", 1000))}, "rank 2 (host2): longlong"},
	} {
		each(3, func(c Comm) {
			g := NewGroup(c, Options{Host: fmt.Sprint("host", c.Rank())})
			mine := x.errs[c.Rank()]
			err := g.Agree(mine)
			if (err == nil) != (x.want == "") || err != nil && !strings.HasPrefix(err.Error(), x.want) {
				t.Errorf("rank %d: %v, want %q", c.Rank(), err, x.want)
			}
			var r *RankError
			if errors.As(err, &r) && r.Rank == c.Rank() && !errors.Is(err, mine) {
				t.Errorf("rank %d: its own error is lost: %v", c.Rank(), err)
			}
			if x.want == "context canceled" && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	if err := (*Group)(nil).Agree(bad); err != bad {
		t.Error(err)
	}
}

// What differs between ranks is named, with both values.
func TestSame(t *testing.T) {
	each(3, func(c Comm) {
		g := NewGroup(c, Options{Host: "h"})
		facts := [][2]string{{"csnet", "1"}, {"photos", "abc"}}
		if err := g.Same(facts); err != nil {
			t.Error(err)
		}
		if c.Rank() == 2 {
			facts[1][1] = "abd"
		}
		if err := g.Same(facts); err == nil || err.Error() != `rank 2 (h): photos is "abd" here, "abc" on rank 0` {
			t.Error(err)
		}
		if c.Rank() == 1 {
			facts = facts[:1]
		}
		if err := g.Same(facts); err == nil || !strings.Contains(err.Error(), "rank 1 (h): photos is not asked for here") {
			t.Error(err)
		}
		if s, err := g.Clock(float64(c.Rank() + 5)); err != nil || s != 5 {
			t.Error(s, err)
		}
		if h, err := g.Hosts(); err != nil || strings.Join(h, "") != "hhh" {
			t.Error(h, err)
		}
	})
}

// A rank that waits too long says for what; one that does not is left alone.
func TestWatchdog(t *testing.T) {
	said := make(chan string, 2)
	each(2, func(c Comm) {
		g := NewGroup(c, Options{Host: "h", Timeout: 50 * time.Millisecond, Expired: func(why string) { said <- why }, Seconds: func() float64 { return 0 }})
		g.At(12)
		g.For("stage2.1.dw2.0")
		for range 3 {
			if err := g.Gather(make([]byte, 4)); err != nil {
				t.Error(err)
			}
		}
		if u := g.Traffic(); u.Calls != 3 || u.Bytes != 6 {
			t.Errorf("%+v", u)
		}
		if c.Rank() == 1 {
			for why := <-said; !strings.Contains(why, "rank 0 (h) has waited 50ms for the others at step 12 (stage2.1.dw2.0)"); {
				t.Error(why)
				break
			}
		}
		if err := g.Gather(make([]byte, 4)); err != nil {
			t.Error(err)
		}
	})
	if len(said) > 0 {
		t.Error(<-said)
	}
}
