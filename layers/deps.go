package layers

import (
	_ "go4.org/unsafe/assume-no-moving-gc" // pins the version that knows new Go runtimes
	_ "gorgonia.org/gorgonia"
)
