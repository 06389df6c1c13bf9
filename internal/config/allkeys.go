package config

import "reflect"

// Keys lists every key that a config may set, in the order of the file.
func Keys() []string {
	var ks []string
	for _, l := range leaves(reflect.ValueOf(Config{}), "") {
		ks = append(ks, l.key)
	}
	return ks
}
