//go:build !linux && !darwin

package wholefile

import "errors"

// exchange does nothing where no system call exchanges two folders in one step.
func exchange(_, _ string) error { return errors.ErrUnsupported }
