# What the C headers offer, and constants of the slow path.

cdef extern from *:
    """
    /* Before the options: a function with options of its own is inlined nowhere else. */
    #include "objects.h"
    /* Every instruction keeps a dispatch of its own: merged ones predict badly. */
    #if defined(__GNUC__) && !defined(__clang__)
    #pragma GCC push_options
    #pragma GCC optimize("no-gcse", "no-crossjumping", "no-tree-tail-merge", "no-tree-pre", "no-code-hoisting", "no-tree-vectorize")
    #endif
    #include "fuse.h"
    #include "rows.h"
    #define ABML_LOOP_NAME abml_loop_goto
    #if defined(__GNUC__) || defined(__clang__)
    #define ABML_COMPUTED_GOTO 1
    #else
    #define ABML_COMPUTED_GOTO 0
    #endif
    #include "loop.h"
    #define ABML_LOOP_NAME abml_loop_switch
    #define ABML_COMPUTED_GOTO 0
    #include "loop.h"
    /* Make instructions ready for the loop; `length` and the trap behind them. */
    static void abml_thread(abml_ins *code, int32_t length) {
        int32_t k;
    #if defined(__GNUC__) || defined(__clang__)
        if (!abml_labels) abml_loop_goto(0);
    #endif
        for (k = 0; abml_labels && k <= length; k++) code[k].label = abml_labels[code[k].op];
    }
    #if defined(__GNUC__) && !defined(__clang__)
    #pragma GCC pop_options
    #endif
    """
    ctypedef uint64_t abml_cell
    ctypedef struct abml_ins:
        uint16_t op, a, b, c
    ctypedef struct abml_unit:
        int32_t start, end, region_start, region_end, arity_least, arity_most, kind
    ctypedef struct abml_site:
        int32_t unit, simple, start, count
    ctypedef struct abml_frame:
        int32_t unit, ret, dst, marks, base_marks, args, saved, flags
    ctypedef struct abml_undo:
        abml_cell old
        int32_t slot, old_depth
    ctypedef struct abml_intent:
        abml_cell action
        double urgency
        int32_t pc, row
    ctypedef struct abml_path:
        abml_cell value
        uint32_t version
        uint16_t length, to
    ctypedef int (*abml_slow_fn)(void *, int32_t) noexcept
    ctypedef int (*abml_turn_fn)(void *, int32_t) noexcept
    ctypedef struct abml_heap:
        PyObject **objects
        uint32_t *links
        uint8_t *ages
        uint32_t size, used, free, live, limit, young, fresh
    ctypedef struct abml_name:
        PyObject *text
        int32_t place
    ctypedef struct abml_iterator:
        pass
    ctypedef struct abml_column:
        const void *values
        const uint8_t *valid
        const int32_t *row_of
        const abml_cell *texts
        int64_t count
        int32_t kind, ntexts, target, length, is_document

    int ABML_COLUMN_NONE, ABML_COLUMN_FLOAT, ABML_COLUMN_INT, ABML_COLUMN_BOOL, ABML_COLUMN_TEXT
    abml_cell abml_column_cell(const abml_column *, int64_t)
    int32_t abml_greatest(const int32_t *, int64_t)
    int64_t abml_fill(const abml_column *, abml_cell *, int64_t, int64_t, int64_t)
    int ABML_OP_COLUMN

    ctypedef struct abml_vm:
        abml_heap heap
        abml_name *names
        PyObject *symbols
        uint32_t *shared
        int32_t nshared
        abml_cell *r
        int32_t *depth
        const abml_ins *code
        const abml_unit *units
        const abml_site *sites
        const int32_t *functions
        const uint8_t *readonly
        const abml_cell *constants
        const abml_column *columns
        abml_cell *args
        abml_frame *frames
        abml_undo *undo
        int32_t *marks
        abml_cell *saved
        int32_t *active
        uint8_t *entered
        uint8_t *went
        abml_intent *intents
        int32_t nargs, cap_args, nframes, cap_frames, nundo, cap_undo, nmarks, cap_marks
        int32_t nsaved, cap_saved, nintents, cap_intents, max_intents
        int32_t bottom, pc
        int64_t budget, reserve
        int32_t attention, max_loop, gotos, max_gotos, tick_mode, row, row_step
        int32_t nslots, nregisters, nunits
        abml_cell value
        int64_t next_row
        void *self
        abml_slow_fn slow
        abml_turn_fn turn
        const abml_ins *base
        abml_path *paths
        uint32_t providers

    uint64_t ABML_NULL, ABML_FALSE, ABML_TRUE, ABML_UNBOUND, ABML_LAZY
    int ABML_FLOW, ABML_FUNCTION, ABML_THUNK
    int ABML_FRAME_BOTTOM, ABML_FRAME_HANDLER, ABML_FRAME_SAVED, ABML_FRAME_COUNTED
    int ABML_OP_TRAP, ABML_OP_SLOW, ABML_OP_TURN, ABML_OP_LOADV_FIELD, ABML_OP_LOADV_PATH
    int ABML_MAX_ARGS, ABML_MAX_SAVED
    int ABML_FREE, ABML_OLD, ABML_YOUNG, ABML_REACHED
    uint32_t ABML_MOST_FRESH, NO_HANDLE "ABML_NO_HANDLE"
    int SYMBOL_LENGTH "ABML_SYMBOL_LENGTH"
    PyTypeObject *abml_iterator_type
    PyTypeObject *abml_provider_type
    abml_cell abml_new_handle(abml_vm *, PyObject *)
    bint abml_plain(abml_vm *, PyObject *, abml_cell *)
    int TAG_INT "ABML_TAG_INT"
    int TAG_SYMBOL "ABML_TAG_SYMBOL"
    int TAG_HEAP "ABML_TAG_HEAP"
    int CALL_COST "ABML_CALL_COST"
    uint32_t abml_tag(abml_cell)
    bint abml_is_double(abml_cell)
    bint abml_is_int(abml_cell)
    bint abml_is_heap(abml_cell)
    bint abml_is_symbol(abml_cell)
    bint abml_is_open(abml_cell)
    bint abml_is_number(abml_cell)
    double abml_number(abml_cell)
    double abml_to_double(abml_cell)
    abml_cell abml_from_double(double)
    int64_t abml_to_int(abml_cell)
    bint abml_fits_int48(int64_t)
    abml_cell abml_from_int48(int64_t)
    abml_cell abml_from_bool(bint)
    abml_cell abml_from_symbol(uint32_t)
    abml_cell abml_from_handle(uint32_t)
    uint32_t abml_payload32(abml_cell)
    int32_t abml_label32(const abml_ins *)
    int32_t abml_scope_depth(const abml_vm *)
    int abml_bind(abml_vm *, int32_t, abml_cell)
    int abml_push_scope(abml_vm *)
    void abml_pop_scopes(abml_vm *, int32_t)
    abml_frame *abml_push_frame(abml_vm *, int32_t, int32_t, int32_t, int32_t)
    void abml_pop_frame(abml_vm *)
    int abml_transfer(abml_vm *, int32_t)
    int abml_grow(void **, int32_t *, int32_t, int32_t, size_t, int32_t)
    void abml_request(abml_vm *)
    void abml_thread(abml_ins *, int32_t)
    void abml_fuse(const abml_ins *, abml_ins *, int32_t, const abml_cell *, int32_t, int32_t)
    void abml_copy_row(abml_cell *, const abml_cell *, int64_t)
    void abml_undo_run(abml_vm *)
    int64_t abml_run_rows(
        abml_vm *, int (*)(abml_vm *) noexcept, abml_cell *, int64_t, int64_t, int64_t, int32_t, int64_t
    ) noexcept
    int abml_loop_goto(abml_vm *) noexcept
    int abml_loop_switch(abml_vm *) noexcept

from abml.vm.core.opcodes cimport *

cdef enum:
    COMPLETED = 1
    FAILED = 2
    SUSPENDED = 3
    STOPPED = 4
    FIRST_COLLECTION = 1024
    MOST_INTENTS = 1 << 26
    # Rows that `Rows.fill` goes through at once: their cells stay in the cache for all variables.
    FILLED_ROWS = 256

cdef int OPCODE_COUNT = len(_OPCODES)
cdef int32_t NO_REGISTER = _NO_REGISTER
cdef object _MISSING = object()
cdef object _INFINITY = float("inf")
# `repeat` counts in 48 bits; the loop limit ends it long before.
cdef object MOST_ROUNDS = 1 << 46
cdef object INT_LOW = -(2.0**63)
cdef object INT_HIGH = 2.0**63

cdef class Machine
cdef class Image
cdef class Rows
cdef class ErrorObject
cdef class Fiber
