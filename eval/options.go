package eval

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"csnet/data"
	"csnet/metrics"
)

// Method is one row of the tables. Exactly one of NewNet, Maps and Draw is set.
type Method struct {
	Name       string
	NewNet     func() (Net, error) // makes a net for one worker
	Size       int                 // with NewNet: side of its input, pixels
	Reduce     bool                // with NewNet: photos of more than saliency.Side pixels are reduced by area first
	Params     int                 // with NewNet: its parameters, for the report; 0: not known
	MACs       int                 // with NewNet: multiply-adds for one image, likewise
	Checkpoint string              // with NewNet: file to name and hash in the report, or ""
	Maps       string              // folder of stored maps
	Draw       Drawer              // a fixed baseline
}

// Set is a data set: any layout of package data; for stored maps and baselines
// a mask folder is enough.
type Set struct{ Name, Dir string }

// Options of Run.
type Options struct {
	Methods    []Method
	Sets       []Set
	Protocol   metrics.Protocol
	Threads    int           // workers over images, each with a net of its own; at least 1
	ResizeMaps bool          // resize stored maps of another size than their mask
	SaveMaps   string        // folder for the maps of nets and baselines, or ""
	Report     bool          // collect what WriteReport needs beyond scores: samples, digests
	Out        string        // folder that the report will go to, or ""; checked before any work
	Overwrite  bool          // let maps and report replace files that csnet did not write
	Folders    data.Folders  // of photos and masks, where they are not found by name
	MapChannel data.Channel  // channel of stored maps that counts; "" refuses cut-outs and colours
	MapNames   string        // names of stored maps with * for the mask's name; "" is found out
	Mask       data.Coding   // how masks are read; the zero value finds out
	Exif       data.ExifRule // what becomes of photos that fit their masks turned and unturned; "" finds out
	// Seconds is a clock that may be read by several goroutines at once; with it the
	// report tells how long a net takes. nil: it does not, and equal files give
	// reports of equal bytes.
	Seconds func() float64
	// Progress is called from one goroutine at a time, or nil.
	Progress func(done, total int)
}

// verify checks what can be checked before any work.
func (o *Options) verify() error {
	if len(o.Methods) == 0 {
		return errors.New("eval: no checkpoint and no map folder given")
	}
	if len(o.Sets) == 0 {
		return errors.New("eval: no data set given")
	}
	if _, err := metrics.ParseProtocol(string(o.Protocol)); err != nil {
		return err
	}
	if o.Threads < 1 {
		return fmt.Errorf("eval: threads is %d, must be at least 1", o.Threads)
	}
	methods, sets := make([]string, len(o.Methods)), make([]string, len(o.Sets))
	for i, m := range o.Methods {
		methods[i] = m.Name
		if err := m.verify(); err != nil {
			return err
		}
	}
	for i, s := range o.Sets {
		sets[i] = s.Name
	}
	return errors.Join(CheckNames("method", methods), CheckNames("set", sets))
}

// hasBaseline says whether a fixed baseline is among the methods.
func (o *Options) hasBaseline() bool {
	return slices.ContainsFunc(o.Methods, func(m Method) bool { return m.Draw != nil })
}

func (m *Method) verify() error {
	sources := 0
	for _, given := range []bool{m.NewNet != nil, m.Maps != "", m.Draw != nil} {
		if given {
			sources++
		}
	}
	switch {
	case sources != 1:
		return fmt.Errorf("eval: method %s has %d sources of maps, must be exactly 1", m.Name, sources)
	case m.NewNet != nil && m.Size < 1:
		return fmt.Errorf("eval: method %s: net input size is %d, must be at least 1", m.Name, m.Size)
	}
	return nil
}

// CheckNames refuses equal names and names that cannot be a folder's. what is
// "method" or "set".
func CheckNames(what string, names []string) error {
	seen := make(map[string]bool)
	for _, n := range names {
		switch {
		case n == "" || n == "." || n == ".." || strings.ContainsAny(n, "/\\\x00"):
			return fmt.Errorf("eval: %s name %q: must be a name without slashes (give one as NAME=PATH)", what, n)
		case seen[n]:
			return fmt.Errorf("eval: two %ss are named %q; tell them apart as NAME=PATH", what, n)
		}
		seen[n] = true
	}
	return nil
}
