//go:build !linux

package wholefile

import "testing"

func mounted(t *testing.T, _ string) { t.Skip("mounts on Linux only") }

func mountedReadOnly(*testing.T, string) {}
