package main

import "testing"

func TestSameManifest(t *testing.T) {
	const list = `{"digest":"ab","files":[{"name":"a.jpg","sha256":"cd"}]}`
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{list, list, true}, {list, `{"set":"DUTS-TR","digest":"ab"}`, true}, {list, `{"digest":"ac"}`, false},
		{"", "", true}, {"", list, false},
	} {
		if got := sameManifest(c.a, c.b); got != c.want {
			t.Errorf("%s and %s: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}
