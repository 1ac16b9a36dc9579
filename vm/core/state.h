/* State of one machine, as the loop and the slow paths share it.
 *
 * All tables of the program (code, units, sites, ...) belong to the image and
 * are read-only; everything else belongs to the machine.
 */
#ifndef ABML_STATE_H
#define ABML_STATE_H

#include <Python.h>
#include <stdlib.h>

#include "cells.h"
#include "fields.h"
#include "opcodes.h"

/* Instructions the machine makes from others when a program is prepared (fuse.h).
 * Numbers follow the public ones. */
#define ABML_FUSED_LIST(X)                                                                                             \
    X(MUL_ADD_L) X(MUL_ADD_R) X(MUL_SUB_L) X(MUL_SUB_R) X(MUL_MUL_L) X(ADD_MUL_L) X(ADD_ADD_L) X(ADD_SUB_L)            \
    X(SUB_MUL_L) X(SUB_ADD_L) X(SUB_SUB_L) X(MOV_MOV) X(MOV_MOV_MOV) X(JNLT_COPIES) X(JNLT_ADD) X(JNLT_SUB)            \
    X(JNLT_MUL) X(JT_ADD) X(JT_SUB) X(JT_MUL) X(JF_ADD) X(JF_SUB) X(JF_MUL)                                \
    X(MOV_RET) X(MOV_MOV_RET) X(JMP_COUNT) X(ADD_INT) X(SUB_INT) X(JNLT_VK) X(JNLT_KV) X(JNLE_VK) X(JNLE_KV)           \
    X(JLT_VK) X(JLT_KV) X(JLE_VK) X(JLE_KV) X(JEQ_VK) X(JNE_VK) X(JEQ_CASE) X(JNLT_JMP) X(JNLE_JMP)            \
    X(JNLT_COPY) X(JNLT_VK_COPY) X(JNLT_VK_COPIES) X(JNLE_KV_COPY) X(COUNT_JNLE_JMP) X(ADD_INT_JMP)        \
    X(TIMES_MOV) X(CALLFLOW_JMP) X(LOADV_FIELD) X(LOADV_PATH) X(SCOPE_LOCALV) X(UNSCOPE_JMP) X(COLUMN)

enum {
    ABML_OP_TRAP = 200, /* the end of the code: control must not get here */
    ABML_OP_SLOW,       /* always the slow path of the public instruction at this place */
    ABML_OP_TURN,       /* a turn may end here; then the instruction of `base` at this place */
#define ABML_FUSED(name) ABML_OP_##name,
    ABML_FUSED_LIST(ABML_FUSED)
#undef ABML_FUSED
    ABML_OP_LIMIT
};

/* Prepared for the loop: `abml_thread` fills in where the code of the opcode stands. */
typedef struct {
    const void *label;
    uint16_t op, a, b, c;
} abml_ins;

typedef struct {
    int32_t start, end;
    int32_t region_start, region_end;
    int32_t arity_least, arity_most;
    int32_t kind; /* 0 flow, 1 function, 2 thunk */
    int32_t unused;
} abml_unit;

enum { ABML_FLOW = 0, ABML_FUNCTION = 1, ABML_THUNK = 2 };

typedef struct {
    int32_t unit;    /* of a call or goto; -1 when dynamic or missing */
    int32_t simple;  /* 0: the slow path's; 1: no arguments, no `args` map; 2: and no registers to keep */
    int32_t start;   /* first instruction of the unit */
    int32_t count;
} abml_site;

typedef struct {
    int32_t unit;
    int32_t ret;        /* instruction to go on at in the caller */
    int32_t dst;        /* register of the caller that receives the value, -1 for none */
    int32_t marks;      /* scope marks below the frame */
    int32_t base_marks; /* scope marks with the frame's own scope */
    int32_t args;       /* height of the argument stack below the frame */
    int32_t saved;      /* where the unit's registers are kept, if they are; with no flags: as `ret`, past a jump */
    int32_t flags;      /* 0 for a frame that the loop may leave by itself */
} abml_frame;

enum {
    ABML_FRAME_BOTTOM = 1,  /* returning from it ends the activation */
    ABML_FRAME_HANDLER = 2, /* the document's error handler */
    ABML_FRAME_SAVED = 4,   /* the unit was active already: its registers are kept */
    ABML_FRAME_COUNTED = 8  /* the unit has registers to keep when it is entered again: `active` counts it */
};

typedef struct {
    abml_cell old;
    int32_t slot;
    int32_t old_depth;
} abml_undo;

/* 24 bytes: populations write millions of them. Fields beyond these stand in a table of the machine. */
typedef struct {
    abml_cell action;
    double urgency;
    int32_t pc;  /* the instruction: it names the site and lies in the flow */
    int32_t row; /* row number, or the place among everything the run did */
} abml_intent;

/* What a provider had at the path of one place in the code: a LOADV, members of it, a PFIN. */
typedef struct {
    abml_cell value;  /* no list or map: of those, each read has a copy of its own */
    uint32_t version; /* of the providers when they were asked; 0: nothing is known */
    uint16_t length;  /* instructions after the LOADV */
    uint16_t to;      /* the register that the PFIN writes */
} abml_path;

/* The table that owns the objects behind handles (objects.h). A handle is young until it has outlived a
 * collection; only a full collection looks at older ones. */
typedef struct {
    PyObject **objects; /* null where the handle is free */
    uint32_t *links;    /* the next free handle of a free one, the next young one of a young one */
    uint8_t *ages;
    uint32_t size, used, free;
    uint32_t live, limit;  /* handles in use, and how many of them make a collection a full one */
    uint32_t young, fresh; /* the youngest handle, and the number of young ones */
} abml_heap;

enum { ABML_FREE = 0, ABML_OLD = 1, ABML_YOUNG = 2, ABML_REACHED = 3 };

/* So many young handles ask for a collection: few enough that their objects are still in the cache. */
#define ABML_MOST_FRESH 1024
/* Iterators that may share their lists at the same time. */
#define ABML_MOST_SHARED 16

/* Where a read of a static provider path finds its value for every row (rows.h). Arrays belong to whoever
 * connected them; they hold an element for each row, or for each number in `row_of`. */
typedef struct {
    const void *values;     /* double, int64_t, uint8_t or int32_t, by kind */
    const uint8_t *valid;   /* 0: null; or no array */
    const int32_t *row_of;  /* row -> element, below zero: null; or no array: the row's own number */
    const abml_cell *texts; /* code -> text */
    int64_t count;          /* elements, which `row_of` stays below */
    int32_t kind, ntexts;
    int32_t target, length; /* register that receives the value; instructions after the first one */
    int32_t is_document;    /* the first instruction is a LOADD, not a LOADV */
} abml_column;

enum { ABML_COLUMN_NONE = 0, ABML_COLUMN_FLOAT, ABML_COLUMN_INT, ABML_COLUMN_BOOL, ABML_COLUMN_TEXT };

/* An element as a cell, null below zero; ABML_LAZY when only the host can give it. */
static inline abml_cell abml_column_cell(const abml_column *c, int64_t at) {
    if (at < 0 || (c->valid && !c->valid[at])) return c->kind ? ABML_NULL : ABML_LAZY;
    switch (c->kind) {
    case ABML_COLUMN_FLOAT: {
        double d = ((const double *)c->values)[at];
        return d == d ? abml_raw_double(d) : ABML_NULL;
    }
    case ABML_COLUMN_INT: {
        int64_t i = ((const int64_t *)c->values)[at];
        return abml_fits_int48(i) ? abml_from_int48(i) : ABML_LAZY;
    }
    case ABML_COLUMN_BOOL: return abml_from_bool(((const uint8_t *)c->values)[at]);
    case ABML_COLUMN_TEXT: {
        int32_t code = ((const int32_t *)c->values)[at];
        return code >= 0 && code < c->ntexts ? c->texts[code] : ABML_NULL;
    }
    default: return ABML_LAZY;
    }
}

/* The greatest of some numbers, -1 when there is none above. */
static inline int32_t abml_greatest(const int32_t *numbers, int64_t count) {
    int32_t most = -1;
    int64_t i;
    for (i = 0; i < count; i++) most = numbers[i] > most ? numbers[i] : most;
    return most;
}

/* Write the elements of rows from `first` to `last` into one variable of theirs. Gives how many did not fit. */
static int64_t abml_fill(const abml_column *c, abml_cell *place, int64_t width, int64_t first, int64_t last) {
    int64_t row, left = 0;
    for (row = first; row < last; row++) {
        abml_cell v = abml_column_cell(c, c->row_of ? c->row_of[row] : row);
        if (v == ABML_LAZY) left++;
        else place[row * width] = v;
    }
    return left;
}

typedef struct abml_vm abml_vm;
/* The slow path of one instruction: 0 goes on at vm->pc, anything else leaves the loop. */
typedef int (*abml_slow_fn)(void *self, int32_t pc);
/* What a TURN does: 0 executes the instruction at its place, 1 leaves the loop, 2 goes on at vm->pc. */
typedef int (*abml_turn_fn)(void *self, int32_t pc);

struct abml_vm {
    abml_cell *r;
    int32_t *depth; /* per slot: scope depth of the innermost binding, -1 when unbound */
    const abml_ins *code;
    const abml_unit *units;
    const abml_site *sites;
    const int32_t *functions; /* per function reference: unit, or -1 */
    const uint8_t *readonly;  /* per slot */
    const abml_cell *constants;
    abml_name *names;  /* per constant that is a text; others have a text that no map has */
    PyObject *symbols; /* text -> number */
    abml_path *paths;       /* null until a provider was asked; the fused LOADV has the index in c */
    uint32_t providers;     /* version of what providers say; 0: it is not remembered */

    abml_heap heap;
    uint32_t shared[ABML_MOST_SHARED]; /* handles of iterators that share their lists */
    int32_t nshared;
    const abml_column *columns; /* by the number in COLUMN */

    abml_cell *args;
    abml_frame *frames;
    abml_undo *undo;
    int32_t *marks;
    abml_cell *saved;
    int32_t *active;  /* per unit that has registers to keep: frames that run it */
    uint8_t *entered; /* per unit: entered since the last suspension */
    uint8_t *went;    /* per unit: entered by a goto since the last suspension */
    abml_intent *intents;

    int32_t nargs, cap_args;
    int32_t nframes, cap_frames; /* cap_frames is the call depth limit */
    int32_t nundo, cap_undo;
    int32_t nmarks, cap_marks;
    int32_t nsaved, cap_saved;
    int32_t nintents, cap_intents, max_intents;

    int32_t bottom; /* frame at which the current activation starts */
    int32_t pc;
    int64_t budget;   /* instructions left; below zero the safe point is taken */
    int64_t reserve;  /* budget put aside while a collection or cancellation is due */
    int32_t attention; /* a collection or cancellation is due */
    int32_t max_loop;
    int32_t gotos, max_gotos;
    int32_t tick_mode;
    int32_t row, row_step; /* what intents are labelled with: a row number, or the place among the run's records */
    int32_t nslots, nregisters, nunits;
    abml_cell value; /* what the activation returned */
    /* rows.h: where the row that runs stands; while it is not null, the end of a run begins the next row's */
    abml_cell *place;
    const abml_ins *row_start;
    int64_t width, next_row, last_row, row_budget;
    int32_t row_unit;
    void *self;
    abml_slow_fn slow;
    abml_turn_fn turn;
    const abml_ins *base; /* the code without its turns while fibers take turns, else null */
};

/* Ask the loop to take its safe point at the next backward jump, call or goto. */
static inline void abml_request(abml_vm *m) {
    if (!m->attention) {
        m->attention = 1;
        m->reserve = m->budget;
        m->budget = -1;
    }
}

/* Space for `more` entries; 0 when there is none. The limit keeps hostile programs from eating the memory. */
static ABML_COLD int abml_grow(void **place, int32_t *capacity, int32_t used, int32_t more, size_t size, int32_t limit) {
    int64_t wanted = (int64_t)used + more, next = *capacity ? *capacity : 16;
    void *grown;
    if (wanted > limit) return 0;
    while (next < wanted) next *= 2;
    grown = realloc(*place, (size_t)next * size);
    if (!grown) return 0;
    *place = grown;
    *capacity = (int32_t)next;
    return 1;
}

#define ABML_MAX_ARGS (1 << 20)
#define ABML_MAX_UNDO (1 << 24)
#define ABML_MAX_MARKS (1 << 20)
#define ABML_MAX_SAVED (1 << 24)

#define ABML_ROOM(place, n, cap, more, limit) \
    (ABML_LIKELY((n) + (more) <= (cap)) || abml_grow((void **)&(place), &(cap), (n), (more), sizeof *(place), (limit)))

static inline int32_t abml_scope_depth(const abml_vm *m) { return m->nmarks + 2; }

/* Bind a slot in the current scope, keeping what it was. */
static inline int abml_bind(abml_vm *m, int32_t slot, abml_cell v) {
    int32_t depth = abml_scope_depth(m);
    if (m->depth[slot] != depth) {
        abml_undo *u;
        if (!ABML_ROOM(m->undo, m->nundo, m->cap_undo, 1, ABML_MAX_UNDO)) return 0;
        u = &m->undo[m->nundo++];
        u->old = m->r[slot];
        u->slot = slot;
        u->old_depth = m->depth[slot];
        m->depth[slot] = depth;
    }
    m->r[slot] = v;
    return 1;
}

static inline int abml_push_scope(abml_vm *m) {
    if (!ABML_ROOM(m->marks, m->nmarks, m->cap_marks, 1, ABML_MAX_MARKS)) return 0;
    m->marks[m->nmarks++] = m->nundo;
    return 1;
}

/* Leave scopes until `marks` are left. */
static inline void abml_pop_scopes(abml_vm *m, int32_t marks) {
    int32_t to, n;
    if (m->nmarks <= marks) return;
    to = m->marks[marks];
    n = m->nundo;
    while (n > to) {
        const abml_undo *u = &m->undo[--n];
        m->r[u->slot] = u->old;
        m->depth[u->slot] = u->old_depth;
    }
    m->nundo = n;
    m->nmarks = marks;
}

/* Keep the registers of a unit that is entered while it is active already. */
static ABML_NOINLINE int abml_save_region(abml_vm *m, const abml_unit *u) {
    int32_t n = u->region_end - u->region_start;
    if (!ABML_ROOM(m->saved, m->nsaved, m->cap_saved, n + 1, ABML_MAX_SAVED)) return -1;
    memcpy(m->saved + m->nsaved, m->r + u->region_start, (size_t)n * sizeof(abml_cell));
    m->nsaved += n;
    return m->nsaved - n;
}

/* Push a frame without a scope; 0 when a limit is reached (the slow path then says which). */
static inline abml_frame *abml_push_frame(abml_vm *m, int32_t unit, int32_t ret, int32_t dst, int32_t flags) {
    abml_frame *f;
    const abml_unit *u = &m->units[unit];
    int32_t saved = ret;
    if (ABML_UNLIKELY(m->nframes >= m->cap_frames)) return 0;
    if (u->region_end > u->region_start) {
        if (ABML_UNLIKELY(m->active[unit] != 0)) {
            saved = abml_save_region(m, u);
            if (saved < 0) return 0;
            flags |= ABML_FRAME_SAVED;
        }
        m->active[unit]++;
        flags |= ABML_FRAME_COUNTED;
    }
    m->entered[unit] = 1;
    f = &m->frames[m->nframes++];
    f->unit = unit;
    f->ret = ret;
    f->dst = dst;
    f->marks = f->base_marks = m->nmarks;
    f->args = m->nargs;
    f->saved = saved;
    f->flags = flags;
    return f;
}

/* Leave the innermost frame: its scopes, arguments and kept registers. */
static inline void abml_pop_frame(abml_vm *m) {
    const abml_frame *f = &m->frames[--m->nframes];
    abml_pop_scopes(m, f->marks);
    m->nargs = f->args;
    if (f->flags & ABML_FRAME_COUNTED) m->active[f->unit]--;
    if (ABML_UNLIKELY(f->flags & ABML_FRAME_SAVED)) {
        const abml_unit *u = &m->units[f->unit];
        memcpy(m->r + u->region_start, m->saved + f->saved, (size_t)(u->region_end - u->region_start) * sizeof(abml_cell));
        m->nsaved = f->saved;
    }
}

#endif
