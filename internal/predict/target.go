package predict

import (
	"fmt"
	"path/filepath"
)

// checkTargets refuses two photos with one target.
func (n Names) checkTargets(jobs []Job) error {
	by := make(map[string]Job)
	for _, j := range jobs {
		for _, target := range j.Targets {
			t, err := filepath.Abs(target)
			if err != nil {
				return err
			}
			if other, ok := by[t]; ok {
				return fmt.Errorf("%s and %s would both go to %s: %s", other.Photo, j.Photo, target, n.wayOut(other, j))
			}
			by[t] = j
		}
	}
	return nil
}

// wayOut says what would give two photos different targets. Only what helps these two
// is named: endings part x.jpg and x.png, folders a/1.jpg and b/1.jpg.
func (n Names) wayOut(a, b Job) string {
	endings, folders := n, n
	endings.Whole = true
	if n.Out == "" {
		folders.Out = "DIR"
	}
	both := folders
	both.Whole = true
	switch {
	case endings.parts(a, b):
		return "--whole-names keeps their endings"
	case folders.parts(a, b):
		return "--out DIR keeps their folders"
	case both.parts(a, b):
		return "--out DIR with --whole-names keeps their folders and endings"
	}
	return "do them one after the other, each with its own --out"
}

// parts says whether two photos have different targets under n.
func (n Names) parts(a, b Job) bool {
	return n.target(a.Photo, a.rel, Map) != n.target(b.Photo, b.rel, Map)
}
