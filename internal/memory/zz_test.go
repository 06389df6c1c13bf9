package memory

import (
	"fmt"
	"testing"

	"csnet/graph"
	"csnet/model"
)

func TestZZ(t *testing.T) {
	for _, f := range []func(a *model.Arch){
		func(a *model.Arch) { a.Dialect = model.Octave },
		func(a *model.Arch) { a.Dialect, a.Norm, a.Groups, a.Head = model.Resize, model.GroupNorm, 5, []int{20, 40, 40} },
		func(a *model.Arch) {
			a.Kind, a.Backbone, a.Dialect, a.Norm, a.Groups = model.KindCSF, "resnet50", model.Resize, model.GroupNorm, 32
		},
		func(a *model.Arch) {
			a.Kind, a.Backbone, a.Dialect, a.Norm, a.Groups = model.KindCSF, "res2net50", model.Resize, model.GroupNorm, 32
		},
	} {
		a := model.DefaultArch()
		f(&a)
		s, err := a.Spec()
		if err != nil {
			t.Fatal(err)
		}
		p, _ := s.NewParams(1)
		for _, o := range []graph.Options{{Batch: 2, H: 64, W: 64, Train: true, Threads: 1}, {Batch: 1, H: 96, W: 96, Train: true, Threads: 1}, {Batch: 1, H: 64, W: 64, Frozen: true, Threads: 1}, {Batch: 1, H: 160, W: 160, Frozen: true, Threads: 2}} {
			n, err := graph.Build(s, p, o)
			if err != nil {
				t.Fatal(err)
			}
			arena := 4 * float64(n.ArenaSize())
			n.Close()
			area := float64(o.Batch * o.H * o.W)
			maps := Net(s, o.Batch, o.H, o.Train) - 4*area*map[bool]float64{true: 12, false: 3}[o.Train]
			maps /= map[bool]float64{true: trainShare, false: inferShare}[o.Train]
			fmt.Printf("%s %s train %v %d: arena %.1f MB, share %.3f, params %.0f MB\n", s.Dialect, s.Backbone, o.Train, o.H, arena/1e6, arena/maps, float64(s.ParamCount())*4/1e6)
		}
	}
}
