//go:build !mpi || !cgo

package dist

import "errors"

// MPI says how to get a csnet that has it.
func MPI(int) (Comm, error) {
	return nil, errors.New("this csnet was built without MPI: CGO_ENABLED=1 CC=mpicc go build -tags mpi ./cmd/csnet (docs/cluster.md)")
}

// Library is the MPI's name, "" without one.
func Library() string { return "" }
