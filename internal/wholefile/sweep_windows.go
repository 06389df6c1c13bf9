package wholefile

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// sweepOne removes the temporary file or folder at path if its process has ended.
func sweepOne(path string, pid int) {
	const stillActive = 259
	p, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, uint32(pid))
	if err == nil {
		defer func() { _ = windows.CloseHandle(p) }()
		var code uint32
		if windows.GetExitCodeProcess(p, &code) != nil || code == stillActive {
			return
		}
	} else if !errors.Is(err, windows.ERROR_INVALID_PARAMETER) { // which says: there is none
		return
	}
	os.RemoveAll(path)
}
