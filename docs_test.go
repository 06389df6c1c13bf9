package csnet_test

import (
	"bufio"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// Prose is wrapped, so that a change of a word shows as a line and a page reads in any
// editor. Tables, code and the tables of figures that programs write are as wide as
// they are.
func TestProseIsWrapped(t *testing.T) {
	const width = 120
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "runs" || entry.Name() == "node_modules" || strings.HasPrefix(path, ".")) && path != ".":
			return fs.SkipDir
		case filepath.Ext(path) != ".md" || filepath.Dir(path) == filepath.Join("docs", "bench"):
			return nil
		}
		return checkWidth(t, path, width)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkWidth(t *testing.T, path string, width int) error {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	code := false
	lines := bufio.NewScanner(file)
	for n := 1; lines.Scan(); n++ {
		line := lines.Text()
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			code = !code
			continue
		}
		free := code || strings.HasPrefix(strings.TrimSpace(line), "|") || !strings.Contains(strings.TrimSpace(line), " ")
		if length := utf8.RuneCountInString(line); length > width && !free {
			t.Errorf("%s:%d: a line of %d characters, at most %d", path, n, length, width)
		}
	}
	return lines.Err()
}
