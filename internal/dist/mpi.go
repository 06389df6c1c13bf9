//go:build mpi && cgo

package dist

// The MPI that mpicc is of: CGO_ENABLED=1 CC=mpicc go build -tags mpi. Errors are
// returned; buffers hold no Go pointers.

/*
#include <mpi.h>

static int csnet_init(int *rank, int *size) {
	int given, err = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &given);
	if (err) return err;
	MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
	if ((err = MPI_Comm_rank(MPI_COMM_WORLD, rank))) return err;
	return MPI_Comm_size(MPI_COMM_WORLD, size);
}
static int csnet_gather(void *all, int n) {
	return MPI_Allgather(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all, n, MPI_BYTE, MPI_COMM_WORLD);
}
static int csnet_gatherv(void *all, int *n, int *at) {
	return MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, all, n, at, MPI_BYTE, MPI_COMM_WORLD);
}
static int csnet_exchange(void *out, int *n, int *n_at, void *in, int *m, int *m_at) {
	return MPI_Alltoallv(out, n, n_at, MPI_BYTE, in, m, m_at, MPI_BYTE, MPI_COMM_WORLD);
}
static int csnet_bcast(void *b, int n, int root) {
	return MPI_Bcast(b, n, MPI_BYTE, root, MPI_COMM_WORLD);
}
static int csnet_finalize(void) { return MPI_Finalize(); }
static int csnet_abort(int code) { return MPI_Abort(MPI_COMM_WORLD, code); }
static int csnet_library(char *text, int *n) { return MPI_Get_library_version(text, n); }
static int csnet_text(int err, char *text, int *n) { return MPI_Error_string(err, text, n); }
enum { csnet_longest = MPI_MAX_LIBRARY_VERSION_STRING > MPI_MAX_ERROR_STRING ? MPI_MAX_LIBRARY_VERSION_STRING : MPI_MAX_ERROR_STRING };
*/
import "C"

import (
	"fmt"
	"math"
	"strings"
	"unsafe"
)

// mpi is the world of an MPI.
type mpi struct {
	rank, size  int
	at          [2][]C.int // offsets
	count       [2][]C.int
	abortStatus int
}

// MPI joins the world that this process was started in. The caller has locked its
// goroutine to its thread and makes all calls from it. A rank that Close ends with an
// error takes the others with it, with exit status failed.
func MPI(failed int) (Comm, error) {
	var rank, size C.int
	if err := mpiError("MPI_Init", C.csnet_init(&rank, &size)); err != nil {
		return nil, err
	}
	m := &mpi{rank: int(rank), size: int(size), abortStatus: failed}
	for i := range m.at {
		m.at[i], m.count[i] = make([]C.int, size), make([]C.int, size)
	}
	return m, nil
}

// Library names the MPI that the program was linked with.
func Library() string {
	text := make([]C.char, C.csnet_longest+1)
	var n C.int
	if C.csnet_library(&text[0], &n) != C.MPI_SUCCESS {
		return "MPI"
	}
	name, _, _ := strings.Cut(C.GoString(&text[0]), "\n")
	name, _, _ = strings.Cut(name, ",")
	return strings.Join(strings.Fields(name), " ")
}

func mpiError(what string, code C.int) error {
	if code == C.MPI_SUCCESS {
		return nil
	}
	text := make([]C.char, C.csnet_longest+1)
	var n C.int
	C.csnet_text(code, &text[0], &n)
	return fmt.Errorf("dist: %s: %s", what, C.GoString(&text[0]))
}

func (m *mpi) Rank() int { return m.rank }
func (m *mpi) Size() int { return m.size }

// place fills in counts and offsets of parts for C.
func (m *mpi) place(i int, n []int) error {
	at := 0
	for r, k := range n {
		if at+k > math.MaxInt32 {
			return fmt.Errorf("dist: a message of more than %d bytes", math.MaxInt32)
		}
		m.count[i][r], m.at[i][r] = C.int(k), C.int(at)
		at += k
	}
	return nil
}

func (m *mpi) Gather(all []byte) error {
	if len(all) > math.MaxInt32 {
		return fmt.Errorf("dist: a message of more than %d bytes", math.MaxInt32)
	}
	return mpiError("MPI_Allgather", C.csnet_gather(unsafe.Pointer(unsafe.SliceData(all)), C.int(len(all)/m.size)))
}

func (m *mpi) GatherV(all []byte, n []int) error {
	if err := m.place(0, n); err != nil {
		return err
	}
	return mpiError("MPI_Allgatherv", C.csnet_gatherv(unsafe.Pointer(unsafe.SliceData(all)), &m.count[0][0], &m.at[0][0]))
}

func (m *mpi) Exchange(out []byte, n []int, in []byte, k []int) error {
	if err := m.place(0, n); err != nil {
		return err
	}
	if err := m.place(1, k); err != nil {
		return err
	}
	return mpiError("MPI_Alltoallv", C.csnet_exchange(unsafe.Pointer(unsafe.SliceData(out)), &m.count[0][0], &m.at[0][0],
		unsafe.Pointer(unsafe.SliceData(in)), &m.count[1][0], &m.at[1][0]))
}

func (m *mpi) Bcast(b []byte, root int) error {
	return mpiError("MPI_Bcast", C.csnet_bcast(unsafe.Pointer(unsafe.SliceData(b)), C.int(len(b)), C.int(root)))
}

// Close ends MPI; with an error it ends all ranks, and does not return.
func (m *mpi) Close(err error) error {
	if err != nil {
		return mpiError("MPI_Abort", C.csnet_abort(C.int(m.abortStatus)))
	}
	return mpiError("MPI_Finalize", C.csnet_finalize())
}
