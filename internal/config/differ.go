package config

import "reflect"

// Difference is a key that two configurations have other values for, as YAML.
type Difference struct{ Key, A, B string }

// Differences lists the keys of the run that differ between a and b, in the order
// of the structs. Keys that belong to the place of a run - data folders, output,
// threads - are left out.
func Differences(a, b Config) []Difference {
	return differences(reflect.ValueOf(a), reflect.ValueOf(b), "")
}

func differences(a, b reflect.Value, prefix string) []Difference {
	var ds []Difference
	for _, f := range fields(a.Type()) {
		va, vb, key := a.Field(f.index), b.Field(f.index), prefix+f.name
		switch {
		case local(key):
		case va.Kind() == reflect.Struct:
			ds = append(ds, differences(va, vb, key+".")...)
		default:
			if la, lb := literal(va), literal(vb); la != lb {
				ds = append(ds, Difference{key, la, lb})
			}
		}
	}
	return ds
}
