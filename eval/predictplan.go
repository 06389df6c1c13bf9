package eval

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"csnet/internal/imagefile"
)

// Job is one photo to predict and the file its map goes to.
type Job struct{ Photo, Target string }

// PlanPredict lists the jobs for files and folders. Folders are searched with
// all below them, hidden files and __MACOSX left out. With out the map of
// FOLDER/SUB/NAME.jpg is out/SUB/NAME.png, that of a single file out/NAME.png;
// without it NAME_saliency.png in the current folder. Errors, before any work:
// an input that is not there, a folder without photos, two inputs with one
// target, a target that is an input.
func PlanPredict(inputs []string, out string) ([]Job, error) {
	if len(inputs) == 0 {
		return nil, errors.New("eval: no photo given")
	}
	var jobs []Job
	for _, in := range inputs {
		info, err := os.Stat(in)
		if err != nil {
			return nil, fmt.Errorf("eval: %w", err)
		}
		if !info.IsDir() {
			jobs = append(jobs, Job{in, target(filepath.Base(in), out)})
			continue
		}
		found, err := photosBelow(in, out)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("eval: %s: holds no picture (%s)", in, imagefile.Kinds())
		}
		for _, rel := range found {
			jobs = append(jobs, Job{filepath.Join(in, rel), target(rel, out)})
		}
	}
	return jobs, checkTargets(jobs)
}

// target is where the map of a photo goes; rel is its path below its input.
func target(rel, out string) string {
	stem := strings.TrimSuffix(rel, filepath.Ext(rel))
	if out == "" {
		return filepath.Base(stem) + "_saliency.png"
	}
	return filepath.Join(out, stem+".png")
}

// photosBelow lists pictures below dir, relative to it, sorted; the folder out
// is left out where it lies below dir, for it holds maps.
func photosBelow(dir, out string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path == dir {
			return nil
		}
		name := e.Name()
		if strings.HasPrefix(name, ".") || strings.EqualFold(name, "__MACOSX") || e.IsDir() && out != "" && samePlace(path, out) {
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if imagefile.HasName(name) {
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() { // links are followed
				rel, err := filepath.Rel(dir, path)
				if err != nil {
					return err
				}
				found = append(found, rel)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("eval: %w", err)
	}
	sort.Strings(found)
	return found, nil
}

func samePlace(a, b string) bool {
	ia, err := os.Stat(a)
	if err != nil {
		return false
	}
	ib, err := os.Stat(b)
	return err == nil && os.SameFile(ia, ib)
}

func checkTargets(jobs []Job) error {
	by := make(map[string]string)
	for _, j := range jobs {
		t, err := filepath.Abs(j.Target)
		if err != nil {
			return fmt.Errorf("eval: %w", err)
		}
		if other, ok := by[t]; ok {
			return fmt.Errorf("eval: %s and %s would both go to %s", other, j.Photo, j.Target)
		}
		by[t] = j.Photo
	}
	return checkOverwrite(jobs)
}

// checkOverwrite compares files, not names, so that links and letter case cannot fool it.
func checkOverwrite(jobs []Job) error {
	inputs := make(map[int64][]Job) // by size, to compare few
	for _, j := range jobs {
		if info, err := os.Stat(j.Photo); err == nil {
			inputs[info.Size()] = append(inputs[info.Size()], j)
		}
	}
	for _, j := range jobs {
		info, err := os.Stat(j.Target)
		if err != nil {
			continue // not there yet
		}
		if info.IsDir() {
			return fmt.Errorf("eval: target %s of %s is a folder", j.Target, j.Photo)
		}
		for _, in := range inputs[info.Size()] {
			if samePlace(in.Photo, j.Target) {
				return fmt.Errorf("eval: the map of %s would overwrite the input %s; give another --out", j.Photo, in.Photo)
			}
		}
	}
	return nil
}
