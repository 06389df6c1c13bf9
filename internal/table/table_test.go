package table

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func text(t *testing.T, tab Table, width int) string {
	t.Helper()
	var b strings.Builder
	if err := tab.Write(&b, width); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func scores() Table {
	return Table{
		Groups: []Group{{"", 1}, {"ECSSD (1000)", 2}, {"SOD (300)", 2}},
		Header: []string{"method", "maxF", "MAE", "maxF", "MAE"},
		Rows:   [][]string{{"é1", "0.9155", "0.0700", "0.8", "0.2"}, {"gauss", "0.59", "", "0.5", "0.3"}},
		Left:   1,
	}
}

// A table where there is room, blanks taken out where there is not, blocks where
// that does not help.
func TestWrite(t *testing.T) {
	for _, c := range []struct {
		width int
		want  string
	}{
		{0, `          ECSSD (1000)  SOD (300)
method    maxF     MAE  maxF  MAE
é1      0.9155  0.0700   0.8  0.2
gauss     0.59           0.5  0.3
`},
		{33, `          ECSSD (1000)  SOD (300)
method    maxF     MAE  maxF  MAE
é1      0.9155  0.0700   0.8  0.2
gauss     0.59           0.5  0.3
`},
		{32, `        ECSSD (1000) SOD (300)
method   maxF    MAE maxF  MAE
é1     0.9155 0.0700  0.8  0.2
gauss    0.59         0.5  0.3
`},
		{28, `é1
  ECSSD (1000): maxF 0.9155
    MAE 0.0700
  SOD (300): maxF 0.8
    MAE 0.2
gauss
  ECSSD (1000): maxF 0.59
  SOD (300): maxF 0.5
    MAE 0.3
`},
	} {
		if got := text(t, scores(), c.width); got != c.want {
			t.Errorf("width %d:\n%s\nwant\n%s", c.width, got, c.want)
		}
	}
}

// At any width that the longest cell with its header fits in, no line is longer,
// and every cell is there.
func TestWidth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cols := rapid.IntRange(1, 6).Draw(t, "columns")
		word := rapid.StringMatching(`[a-z0-9é]{1,9}`)
		tab := Table{Left: rapid.IntRange(0, cols).Draw(t, "left")}
		for range cols {
			tab.Header = append(tab.Header, word.Draw(t, "header"))
		}
		for range rapid.IntRange(0, 4).Draw(t, "rows") {
			var row []string
			for range cols {
				row = append(row, word.Draw(t, "cell"))
			}
			tab.Rows = append(tab.Rows, row)
		}
		width := rapid.IntRange(60, 120).Draw(t, "width")
		var b strings.Builder
		if err := tab.Write(&b, width); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
				t.Fatalf("width %d: %d columns: %s", width, n, line)
			}
		}
		for _, row := range tab.Rows {
			for _, cell := range row {
				if !strings.Contains(b.String(), cell) {
					t.Fatalf("%s is missing in\n%s", cell, b.String())
				}
			}
		}
	})
}

func TestInt(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567", -123: "-123", 14112000: "14,112,000"} {
		if got := Int(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWriteError(t *testing.T) {
	if scores().Write(full{}, 80) == nil || scores().Write(full{}, 10) == nil {
		t.Error("no error from a full disk")
	}
}
