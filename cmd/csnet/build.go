package main

import "runtime/debug"

// build says which csnet this is: a version, else the commit it was built from,
// with "+changed" where that is not all, else "unknown".
func build() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	commit, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+changed"
		}
	}
	if commit == "" {
		return "unknown"
	}
	return commit + changed
}
