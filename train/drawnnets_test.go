package train

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"csnet/checkpoint"
	"csnet/graph"
	"csnet/model"
	"csnet/optim"
	"csnet/prune"
)

// drawnNets is how many nets TestDrawnNets draws; CSNET_DRAWN_NETS sets another number.
const drawnNets = 8

// drawNet draws a net of one to four octaves, absent ones among them, of any split, with
// a head or without.
func drawNet(rng *rand.Rand) (model.Spec, error) {
	a := model.DefaultArch()
	a.Width = []float64{.1, .2, .3}[rng.IntN(3)]
	a.Split = make([]float64, 1+rng.IntN(4))
	for i := range a.Split {
		a.Split[i] = float64(rng.IntN(4)) // 0: the octave is absent
	}
	a.Split[rng.IntN(len(a.Split))]++
	a.Blocks = make([]int, 1+rng.IntN(3))
	for i := range a.Blocks {
		a.Blocks[i] = 1 + rng.IntN(2)
	}
	a.Multipliers = []float64{1, 1, 2, 2}[:len(a.Blocks)+1]
	a.Dilations = []int{1, 2, 3}[:1+rng.IntN(3)]
	a.ExtractorOnly = len(a.Blocks) == 1 || rng.IntN(4) == 0
	return a.Spec()
}

// Nets of any kind prune, save, load, train a step and evaluate; what is loaded is what
// was saved, to the bit.
func TestDrawnNets(t *testing.T) {
	n := drawnNets
	if text := os.Getenv("CSNET_DRAWN_NETS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	octaves, absent := map[int]int{}, 0
	for seed, done := uint64(1), 0; done < n; seed++ {
		rng := rand.New(rand.NewPCG(seed, 23))
		spec, err := drawNet(rng)
		if err != nil {
			continue // the draw gave a stage without a channel
		}
		done++
		outs := spec.Stages[0].Blocks[0].Out
		octaves[len(outs)]++
		for _, c := range outs {
			if c == 0 {
				absent++
				break
			}
		}
		if err := pruneAndGoOn(rng, spec, seed, filepath.Join(dir, "net.safetensors")); err != nil {
			t.Fatalf("seed %d, %d parameters, octaves %v: %v", seed, spec.ParamCount(), outs, err)
		}
	}
	t.Logf("%d nets, by octaves %v, %d with absent ones", n, octaves, absent)
}

// pruneAndGoOn takes one net through all that follows pruning.
func pruneAndGoOn(rng *rand.Rand, spec model.Spec, seed uint64, path string) error {
	params, err := spec.NewParams(seed)
	if err != nil {
		return err
	}
	for _, p := range params.All() {
		for i := range p.Data {
			switch p.Role {
			case model.Gamma:
				p.Data[i] = float32(rng.NormFloat64())
			case model.Beta, model.Mean:
				p.Data[i] = float32(.3 * rng.NormFloat64())
			}
		}
	}
	ratio := .9 * rng.Float64()
	fold := []prune.Fold{prune.FoldNone, prune.FoldInterior}[rng.IntN(2)]
	plan, err := prune.NewPlan(spec, params, prune.Options{Ratio: &ratio, Fold: fold, RoundTo: 1 + rng.IntN(3)})
	if err != nil {
		return err
	}
	small, kept, err := plan.Apply(spec, params)
	if err != nil {
		return err
	}
	if err := checkpoint.Save(path, &checkpoint.Checkpoint{Spec: small, Params: kept}); err != nil {
		return err
	}
	c, err := checkpoint.Load(path)
	if err != nil {
		return err
	}
	side := small.Multiple() * 2
	x, y := make([]float32, 2*small.Input*side*side), make([]float32, 2*side*side)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	for i := range y {
		y[i] = float32(rng.IntN(2))
	}
	before, err := evaluated(small, kept, x, side)
	if err != nil {
		return err
	}
	after, err := evaluated(c.Spec, c.Params, x, side)
	if err != nil {
		return err
	}
	for i, v := range before {
		if after[i] != v || math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return fmt.Errorf("logit %d is %g, was %g before it was saved", i, after[i], v)
		}
	}
	s, err := NewStepper(c.Spec, c.Params, optim.DefaultConfig(), optim.DefaultDWD(), graph.Options{Batch: 2, H: side, W: side, Threads: 1, Loss: graph.LossTerms{BCE: 1}})
	if err != nil {
		return err
	}
	defer s.Close()
	loss, err := s.Step(x, y)
	if err != nil {
		return err
	}
	if !(loss > 0) {
		return fmt.Errorf("the loss is %g", loss)
	}
	_, err = evaluated(c.Spec, c.Params, x, side)
	return err
}

// evaluated are the logits of two pictures.
func evaluated(spec model.Spec, p *model.Params, x []float32, side int) ([]float32, error) {
	pred := graph.NewPredictor(spec, p, 1)
	defer func() { _ = pred.Close() }()
	z, err := pred.Batch(x, 2, side, side)
	return append([]float32(nil), z...), err
}
