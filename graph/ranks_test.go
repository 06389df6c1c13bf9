package graph

import (
	"strings"
	"testing"

	"csnet/internal/dist"
	"csnet/model"
)

// Nets that several ranks cannot train are refused by the name of what keeps them from
// it, with frozen norms too; one rank trains them.
func TestCheckRanks(t *testing.T) {
	for _, c := range []struct {
		want   string // "": can be trained
		change func(*model.Arch)
	}{
		{"", func(*model.Arch) {}},
		{"net.dialect is octave", func(a *model.Arch) { a.Dialect = model.Octave }},
		{"net.dialect is resize", func(a *model.Arch) { a.Dialect = model.Resize }},
		{"net.norm is group", func(a *model.Arch) { a.Norm, a.Groups, a.Width, a.Head = model.GroupNorm, 2, 0.2, []int{2, 4, 4} }},
		{"net.kind is csf", func(a *model.Arch) {
			a.Kind, a.Backbone, a.Dialect, a.Norm, a.Groups = model.KindCSF, "resnet50", model.Resize, model.GroupNorm, 32
		}},
	} {
		a := model.DefaultArch()
		c.change(&a)
		s, err := a.Spec()
		if err != nil {
			t.Fatal(err)
		}
		if err := CheckRanks(s); (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want+", which several ranks (--dist) cannot train") {
			t.Errorf("%q: %v", c.want, err)
		}
		if c.want == "" || s.Kind == model.KindCSF {
			continue
		}
		p, err := s.NewParams(1)
		if err != nil {
			t.Fatal(err)
		}
		for _, frozen := range []bool{false, s.Norm.Kind == model.BatchNorm} {
			o := Options{Batch: 2, H: 32, W: 32, Train: true, Threads: 1, FrozenNorms: frozen, Group: dist.NewGroup(dist.NewLocal(2)[0], dist.Options{})}
			if _, err := Build(s, p, o); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%q, frozen norms %v, on 2 ranks: %v", c.want, frozen, err)
			}
			o.Group = dist.NewGroup(dist.NewLocal(1)[0], dist.Options{})
			n, err := Build(s, p, o)
			if err != nil {
				t.Errorf("%q, frozen norms %v, on one rank: %v", c.want, frozen, err)
				continue
			}
			n.Close()
		}
	}
}
