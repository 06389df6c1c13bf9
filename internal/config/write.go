package config

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// YAML writes every key with its value, in the order of the structs. Equal
// configurations give equal bytes, and Load reads them back to an equal one.
func (c Config) YAML() []byte {
	return []byte(section(reflect.ValueOf(c), "", "", func(string) bool { return false }))
}

// ForCheckpoint writes the configuration without what says where a run reads
// and writes and on how many threads: equal runs give equal bytes wherever they
// ran.
func (c Config) ForCheckpoint() []byte {
	return []byte(section(reflect.ValueOf(c), "", "", local))
}

// local reports whether a key belongs to the place of a run, not to the run:
// data folders, output and threads.
func local(key string) bool {
	switch key {
	case "data.dir", "data.more", "data.val", "data.images", "data.masks", "data.workers", "out", "threads":
		return true
	}
	return false
}

// section writes the keys of struct v that skip does not name.
func section(v reflect.Value, prefix, indent string, skip func(string) bool) string {
	var b strings.Builder
	for _, f := range fields(v.Type()) {
		fv, key := v.Field(f.index), prefix+f.name
		switch {
		case skip(key):
		case fv.Kind() == reflect.Struct:
			if inner := section(fv, key+".", indent+"  ", skip); inner != "" {
				fmt.Fprintf(&b, "%s%s:\n%s", indent, f.name, inner)
			}
		default:
			fmt.Fprintf(&b, "%s%s: %s\n", indent, f.name, literal(fv))
		}
	}
	return b.String()
}

// literal writes one value, a list in brackets.
func literal(v reflect.Value) string {
	if isDuration(v.Type()) {
		return time.Duration(v.Int()).String()
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		var es []string
		for i := range v.Len() {
			es = append(es, literal(v.Index(i)))
		}
		return "[" + strings.Join(es, ", ") + "]"
	case reflect.String:
		return quote(v.String())
	case reflect.Float32, reflect.Float64:
		s := strconv.FormatFloat(v.Float(), 'g', -1, v.Type().Bits())
		if i := strings.IndexByte(s, 'e'); i > 0 && !strings.Contains(s, ".") {
			s = s[:i] + ".0" + s[i:] // other readers take 1e-20 for text
		}
		return s
	}
	return fmt.Sprint(v.Interface())
}

// quote writes text plainly where no reader can mistake it, else in double
// quotes.
func quote(s string) string {
	plain := regexp.MustCompile(`^[A-Za-z_./][A-Za-z0-9_./-]*$`).MatchString(s)
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "y", "n", "null", ".nan", ".inf":
		plain = false
	}
	if plain && (s[0] != '.' || strings.HasPrefix(s, "./") || strings.HasPrefix(s, "../")) {
		return s
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08X`, r)
		case r < ' ' || r > '~':
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
