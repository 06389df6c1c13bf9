package eval

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"csnet/checkpoint"
	"csnet/data"
	"csnet/graph"
	"csnet/internal/shared"
)

// BenchmarkPredictFolder times PredictAll on a folder of photos, and each of its
// parts alone on as many threads: decode, resize-in, infer, resize-out (with
// the sigmoid), png (without the file). An op is the whole folder. times-parts, of
// "whole", is its time over the sum of the parts' where all were run.
func BenchmarkPredictFolder(b *testing.B) {
	released := shared.Glob(b, "checkpoints/csnet-L-x1.pth.tar")[0]
	shared.Glob(b, "datasets/ECSSD-200/images/*.jpg")
	c, err := checkpoint.Import(released)
	if err != nil {
		b.Fatal(err)
	}
	newNet := func() (Net, error) { return graph.NewPredictor(c.Spec, c.Params, 1), nil }
	jobs, err := PlanPredict([]string{filepath.Join(shared.Dir(b), "datasets", "ECSSD-200", "images")}, b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	for _, threads := range []int{1, 2} {
		b.Run(fmt.Sprintf("threads=%d", threads), func(b *testing.B) {
			f := newFolder(b, jobs, newNet, threads)
			sum, parts := 0.0, 0
			for _, part := range []struct {
				name string
				do   func(worker, i int) error
			}{{"decode", f.decode}, {"resize-in", f.resizeIn}, {"infer", f.infer}, {"resize-out", f.resizeOut}, {"png", f.png}} {
				b.Run(part.name, func(b *testing.B) {
					for b.Loop() {
						f.all(b, part.do)
					}
					sum += b.Elapsed().Seconds() / float64(b.N)
					parts++
				})
			}
			b.Run("whole", func(b *testing.B) {
				for b.Loop() {
					if err := PredictAll(b.Context(), jobs, PredictOptions{NewNet: newNet, Size: folderSize, Threads: threads}); err != nil {
						b.Fatal(err)
					}
				}
				if parts == 5 {
					b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/sum, "times-parts")
				}
			})
		})
	}
}

const folderSize = 224

// folder holds what the parts hand on, for every photo.
type folder struct {
	jobs    []Job
	nets    []*Predictor // of the workers
	writers []mapWriter  // of the workers
	photos  []*data.Photo
	x       [][]float32 // net inputs
	z       [][]float32 // logits
	maps    [][]uint8
}

// newFolder runs all parts once.
func newFolder(b *testing.B, jobs []Job, newNet func() (Net, error), threads int) *folder {
	b.Helper()
	n := len(jobs)
	f := &folder{jobs: jobs, writers: make([]mapWriter, threads), photos: make([]*data.Photo, n), x: make([][]float32, n), z: make([][]float32, n), maps: make([][]uint8, n)}
	for range threads {
		net, err := newNet()
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = net.(*graph.Predictor).Close() })
		f.nets = append(f.nets, &Predictor{Net: net, Size: folderSize})
	}
	for i := range jobs {
		f.x[i], f.z[i] = make([]float32, 3*folderSize*folderSize), make([]float32, folderSize*folderSize)
	}
	for _, do := range []func(worker, i int) error{f.decode, f.resizeIn, f.infer, f.resizeOut, f.png} {
		f.all(b, do)
	}
	return f
}

// all does every photo, the workers side by side.
func (f *folder) all(b *testing.B, do func(worker, i int) error) {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, len(f.nets))
	for w := range f.nets {
		wg.Go(func() {
			for i := int(next.Add(1) - 1); i < len(f.jobs) && errs[w] == nil; i = int(next.Add(1) - 1) {
				errs[w] = do(w, i)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			b.Fatal(err)
		}
	}
}

func (f *folder) decode(_, i int) (err error) {
	f.photos[i], err = data.ReadPhoto(f.jobs[i].Photo)
	return err
}

func (f *folder) resizeIn(_, i int) error {
	data.Input(f.x[i], f.photos[i], folderSize)
	return nil
}

func (f *folder) infer(worker, i int) error {
	z, err := f.nets[worker].Net.Logits(f.x[i], folderSize, folderSize)
	copy(f.z[i], z)
	return err
}

func (f *folder) resizeOut(_, i int) error {
	f.maps[i] = data.Restore(f.maps[i], f.photos[i].W, f.photos[i].H, f.z[i], folderSize)
	return nil
}

func (f *folder) png(worker, i int) error {
	_, err := f.writers[worker].encode("", f.maps[i], f.photos[i].W, f.photos[i].H)
	return err
}
