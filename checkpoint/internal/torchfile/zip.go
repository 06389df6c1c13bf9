package torchfile

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
)

const (
	maxZipFiles  = 1 << 17
	maxPickle    = 64 << 20
	maxZipValues = 1 << 28 // bytes of all storages together
)

// readZip reads the format since PyTorch 1.6: <name>/data.pkl, one raw file
// <name>/data/<key> per storage and, at times, <name>/byteorder.
func readZip(raw []byte) (value, error) {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, fmt.Errorf("zip: %w (cut short?)", err)
	}
	if len(z.File) > maxZipFiles {
		return nil, fmt.Errorf("zip: %d members, at most %d are read", len(z.File), maxZipFiles)
	}
	members := make(map[string]*zip.File, len(z.File))
	prefix := ""
	found := false
	for _, f := range z.File {
		if members[f.Name] != nil {
			return nil, fmt.Errorf("zip: member %q is there twice", f.Name)
		}
		members[f.Name] = f
		if p, ok := strings.CutSuffix(f.Name, "data.pkl"); ok && strings.Count(p, "/") == 1 && strings.HasSuffix(p, "/") && !found {
			prefix, found = p, true
		}
	}
	if !found {
		return nil, fmt.Errorf("zip: no <name>/data.pkl, not a file of torch.save")
	}
	if f := members[prefix+"byteorder"]; f != nil {
		order, err := member(f, 16)
		if err != nil {
			return nil, err
		}
		if string(order) != "little" {
			return nil, fmt.Errorf("zip: byteorder is %q, must be little", order)
		}
	}
	pkl, err := member(members[prefix+"data.pkl"], maxPickle)
	if err != nil {
		return nil, err
	}
	storages := map[string]*storage{}
	root, _, err := unpickle(pkl, 0, storages)
	if err != nil {
		return nil, fmt.Errorf("%sdata.pkl: %w", prefix, err)
	}
	left := maxZipValues
	for _, s := range storages {
		f := members[prefix+"data/"+s.key]
		if f == nil {
			continue // an error only where a tensor needs it
		}
		if s.numel > left/s.width() || f.UncompressedSize64 != uint64(s.numel*s.width()) {
			return nil, fmt.Errorf("zip: %s has %d bytes for %d values of %s, at most %d bytes in all are read", f.Name, f.UncompressedSize64, s.numel, s.dtype, maxZipValues)
		}
		if s.raw, err = member(f, s.numel*s.width()); err != nil {
			return nil, err
		}
		if len(s.raw) != s.numel*s.width() {
			return nil, fmt.Errorf("zip: %s ends after %d bytes", f.Name, len(s.raw))
		}
		left -= s.numel * s.width()
	}
	return root, nil
}

// member reads one member of at most limit bytes, whatever it claims to hold.
func member(f *zip.File, limit int) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("zip: %s: %w", f.Name, err)
	}
	defer r.Close()
	raw, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("zip: %s: %w", f.Name, err)
	}
	if len(raw) > limit {
		return nil, fmt.Errorf("zip: %s has more than %d bytes", f.Name, limit)
	}
	return raw, nil
}
