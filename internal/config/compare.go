package config

import "reflect"

// Change is a key that two configurations have different values of, as YAML.
type Change struct{ Key, Was, Is string }

// Changes lists the keys that differ, without those that say where a run reads
// and writes and on how many threads (see ForCheckpoint).
func Changes(was, is Config) []Change {
	var cs []Change
	before, after := leaves(reflect.ValueOf(was), ""), leaves(reflect.ValueOf(is), "")
	for i, b := range before {
		old, now := literal(b.value), literal(after[i].value)
		if old != now && !local(b.key) {
			cs = append(cs, Change{b.key, old, now})
		}
	}
	return cs
}

// Keys lists every key that a config may set, in the order of the file.
func Keys() []string {
	var ks []string
	for _, l := range leaves(reflect.ValueOf(Config{}), "") {
		ks = append(ks, l.key)
	}
	return ks
}
