package torchfile

import (
	"encoding/binary"
	"fmt"
)

const (
	magic          = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19" // 0x1950a86a20f9469cfc6c
	streamProtocol = 1001
)

// readStream reads the old format: the pickles magic, protocol, system info,
// object and list of storage keys, then for each key an int64 count and the raw
// little-endian values.
func readStream(raw []byte) (value, error) {
	storages := map[string]*storage{}
	pos := 0
	next := func(what string) (value, error) {
		v, end, err := unpickle(raw, pos, storages)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		pos = end
		return v, nil
	}
	v, err := next("magic number")
	if err != nil {
		return nil, err
	}
	if v != bignum(magic) {
		return nil, fmt.Errorf("file starts with a pickle of %s, not with PyTorch's magic number", v.kind())
	}
	if v, err = next("protocol"); err != nil {
		return nil, err
	}
	if v != integer(streamProtocol) {
		return nil, fmt.Errorf("protocol is %s, must be the number %d of PyTorch's old format", v.kind(), streamProtocol)
	}
	if v, err = next("system info"); err != nil {
		return nil, err
	}
	if info, ok := v.(*dict); !ok || info.get("little_endian") != boolean(true) {
		return nil, fmt.Errorf("system info does not say little_endian, other files are not read")
	}
	root, err := next("object")
	if err != nil {
		return nil, err
	}
	keys, err := next("storage keys")
	if err != nil {
		return nil, err
	}
	return root, readStorages(raw, pos, keys, storages)
}

// readStorages gives every storage its part of raw.
func readStorages(raw []byte, pos int, keys value, storages map[string]*storage) error {
	list, ok := keys.(*list)
	if !ok {
		return fmt.Errorf("storage keys are %s, must be a list", keys.kind())
	}
	for _, k := range list.items {
		key, ok := k.(text)
		s := storages[string(key)]
		if !ok || s == nil {
			return fmt.Errorf("storage keys: %s %q is not named by any tensor", k.kind(), string(key))
		}
		if s.raw != nil {
			return fmt.Errorf("storage %s is there twice", s.key)
		}
		if len(raw)-pos < 8 {
			return fmt.Errorf("storage %s: file ends at byte %d, its count is missing (cut short?)", s.key, len(raw))
		}
		n := int64(binary.LittleEndian.Uint64(raw[pos:]))
		if n != int64(s.numel) {
			return fmt.Errorf("storage %s at byte %d: holds %d values, its tensor says %d", s.key, pos, n, s.numel)
		}
		pos += 8
		if s.numel > (len(raw)-pos)/s.width() {
			return fmt.Errorf("storage %s at byte %d: file ends at byte %d, %d values of %s need more (cut short?)", s.key, pos, len(raw), n, s.dtype)
		}
		s.raw = raw[pos : pos+s.numel*s.width() : pos+s.numel*s.width()]
		pos += s.numel * s.width()
	}
	return nil
}
