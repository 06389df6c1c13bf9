package predict

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"csnet/internal/imagefile"
)

// Job is one photo and the files that its results go to, one a form.
type Job struct {
	Photo   string
	Targets []string
	rel     string // the photo's path below its input
}

// Names says where results go and how they are called.
type Names struct {
	Out    string // a folder; a file, for one photo and one form; "" = the current folder
	Forms  []Form
	Format Format // of cut-outs, overlays and crops
	Whole  bool   // keep the photo's ending: a.jpg.png
	Beside bool   // without Out: beside the photo instead of in the current folder
}

// Plan is what is to be done.
type Plan struct {
	Jobs    []Job
	Skipped Skipped
}

// Skipped counts what was found in folders and is not done.
type Skipped struct {
	Kinds map[string]int // files of other kinds, by ending
	Links int            // linked folders, which are not entered
	Ours  int            // results of csnet's own
	Done  int            // photos whose results are there
}

// MakePlan lists the jobs for files, folders and patterns. Folders are searched with
// all below them; hidden files, __MACOSX, the folder Out, linked folders and what
// csnet itself made are left out, and counted. The results of FOLDER/SUB/NAME.jpg go
// to Out/SUB/NAME.png, those of a single file to Out/NAME.png, without Out to
// NAME_saliency.png in the current folder; other forms and several have the form in
// their names. Errors, before any work: an input that is not there, nothing to do,
// two photos with one target.
func MakePlan(inputs []string, n Names) (Plan, error) {
	p := Plan{Skipped: Skipped{Kinds: make(map[string]int)}}
	if len(inputs) == 0 {
		return p, errors.New("no photo given")
	}
	for _, in := range inputs {
		found, err := expand(in)
		if err != nil {
			return p, err
		}
		for _, path := range found {
			if err := p.add(path, n); err != nil {
				return p, err
			}
		}
	}
	return p, n.checkTargets(p.Jobs)
}

// expand gives the files that a pattern names; what is there is no pattern.
func expand(in string) ([]string, error) {
	_, err := os.Stat(in)
	if err == nil {
		return []string{in}, nil
	}
	if strings.ContainsAny(in, "*?[") {
		found, globErr := filepath.Glob(in)
		if globErr != nil {
			return nil, fmt.Errorf("%s: %w", in, globErr)
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("%s: no file is named so", in)
		}
		return found, nil
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return nil, fmt.Errorf("%s: %w", in, err)
}

// add adds a file, or what is in a folder.
func (p *Plan) add(path string, n Names) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		p.Jobs = append(p.Jobs, n.job(path, filepath.Base(path)))
		return nil
	}
	found, err := p.Skipped.photosBelow(path, n.Out)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return fmt.Errorf("%s: holds no picture (%s)%s", path, imagefile.Kinds(), p.Skipped.note("; "))
	}
	for _, rel := range found {
		p.Jobs = append(p.Jobs, n.job(filepath.Join(path, rel), rel))
	}
	return nil
}

// job names the targets of a photo; rel is its path below its input.
func (n Names) job(photo, rel string) Job {
	j := Job{Photo: photo, rel: rel}
	for _, f := range n.Forms {
		j.Targets = append(j.Targets, n.target(photo, rel, f))
	}
	return j
}

// Target is where a form of a photo goes that has no file.
func (n Names) Target(name string, f Form) string { return n.target(name, name, f) }

func (n Names) target(photo, rel string, f Form) string {
	if n.file() {
		return n.Out
	}
	stem := rel
	if !n.Whole {
		stem = strings.TrimSuffix(rel, filepath.Ext(rel))
	}
	end := ".png"
	if f.picture() {
		end = "." + string(n.Format)
	}
	switch {
	case n.Out == "" && f == Map:
		end = "_saliency" + end
	case n.Out == "" || len(n.Forms) > 1:
		end = "_" + string(f) + end
	}
	switch {
	case n.Out != "":
		return filepath.Join(n.Out, stem+end)
	case n.Beside:
		return filepath.Join(filepath.Dir(photo), filepath.Base(stem)+end)
	}
	return filepath.Base(stem) + end
}

// file says whether Out names a file.
func (n Names) file() bool {
	if _, err := ParseFormat(filepath.Ext(n.Out)); err != nil || n.Out == "" {
		return false
	}
	info, err := os.Stat(n.Out)
	return err != nil || !info.IsDir()
}

// photosBelow lists pictures below dir, relative to it, sorted.
func (s *Skipped) photosBelow(dir, out string) ([]string, error) {
	root, err := filepath.EvalSymlinks(dir) // a root that is a link is meant
	if err != nil {
		return nil, err
	}
	var found []string
	err = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == root {
			return err
		}
		name := e.Name()
		if strings.HasPrefix(name, ".") || strings.EqualFold(name, "__MACOSX") || e.IsDir() && out != "" && samePlace(path, out) {
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if e.IsDir() {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if s.takes(path) {
			found = append(found, rel)
		}
		return nil
	})
	sort.Strings(found)
	return found, err
}

// takes says whether a file of a folder is a photo to do, and counts it if not.
func (s *Skipped) takes(path string) bool {
	info, err := os.Stat(path) // links are followed
	switch {
	case err == nil && info.IsDir():
		s.Links++
	case err != nil || !info.Mode().IsRegular() || !imagefile.HasName(path):
		end := strings.ToLower(filepath.Ext(path))
		if end == "" {
			end = "without an ending"
		}
		s.Kinds[end]++
	case Ours(path):
		s.Ours++
	default:
		return true
	}
	return false
}

func samePlace(a, b string) bool {
	ia, err := os.Stat(a)
	if err != nil {
		return false
	}
	ib, err := os.Stat(b)
	return err == nil && os.SameFile(ia, ib)
}

// SkipDone takes out the jobs whose targets are all there.
func (p *Plan) SkipDone() {
	left := p.Jobs[:0]
	for _, j := range p.Jobs {
		if j.done() {
			p.Skipped.Done++
			continue
		}
		left = append(left, j)
	}
	p.Jobs = left
}

func (j Job) done() bool {
	for _, t := range j.Targets {
		if info, err := os.Stat(t); err != nil || !info.Mode().IsRegular() {
			return false
		}
	}
	return true
}

// String says what was left out, "" when nothing was.
func (s Skipped) String() string {
	var parts []string
	total := 0
	var ends []string
	for end, n := range s.Kinds {
		total += n
		ends = append(ends, end)
	}
	sort.Slice(ends, func(i, j int) bool {
		if s.Kinds[ends[i]] != s.Kinds[ends[j]] {
			return s.Kinds[ends[i]] > s.Kinds[ends[j]]
		}
		return ends[i] < ends[j]
	})
	if total > 0 {
		var list []string
		for _, e := range ends[:min(5, len(ends))] {
			list = append(list, fmt.Sprintf("%d %s", s.Kinds[e], e))
		}
		if len(ends) > 5 {
			list = append(list, "...")
		}
		parts = append(parts, fmt.Sprintf("%s of other kinds skipped (%s)", counted(total, "file"), strings.Join(list, ", ")))
	}
	if s.Links > 0 {
		parts = append(parts, counted(s.Links, "linked folder")+" not entered")
	}
	if s.Ours > 0 {
		parts = append(parts, counted(s.Ours, "result")+" of csnet's own left out")
	}
	if s.Done > 0 {
		parts = append(parts, counted(s.Done, "photo")+" done before")
	}
	return strings.Join(parts, ", ")
}

func (s Skipped) note(before string) string {
	if t := s.String(); t != "" {
		return before + t
	}
	return ""
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// ReadList reads the names of photos, one a line; empty lines are passed over.
func ReadList(r io.Reader) ([]string, error) {
	var out []string
	s := bufio.NewScanner(r)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		if line := strings.TrimRight(s.Text(), "\r"); line != "" {
			out = append(out, line)
		}
	}
	return out, s.Err()
}
