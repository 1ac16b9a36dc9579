/* Rows: runs one flow to its end for one actor after the other.
 *
 * An actor's variables are copied into the registers before its run and back
 * after it; a row is a few cache lines, so that is cheaper than any indirection.
 */
#ifndef ABML_ROWS_H
#define ABML_ROWS_H

#include "state.h"

/* Fixed-size copies become vector moves without a call. */
static inline void abml_copy_row(abml_cell *to, const abml_cell *from, int64_t width) {
    int64_t k = 0;
    for (; k + 4 <= width; k += 4) memcpy(to + k, from + k, 4 * sizeof(abml_cell));
    for (; k < width; k++) to[k] = from[k];
}

static inline void abml_undo_run(abml_vm *m) {
    int32_t n = m->nundo;
    while (n > 0) {
        const abml_undo *u = &m->undo[--n];
        m->r[u->slot] = u->old;
        m->depth[u->slot] = u->old_depth;
    }
    m->nundo = 0;
}

/* Put the next row into the registers. */
static inline void abml_begin_row(abml_vm *m) {
    abml_copy_row(m->r, m->place, m->width);
    m->budget = m->row_budget;
    m->row = (int32_t)m->next_row++;
}

static ABML_NOINLINE void abml_begin_run(abml_vm *m) {
    abml_frame *f = &m->frames[0];
    m->gotos = 0;
    m->nframes = 1;
    m->nmarks = 0;
    m->nargs = 0;
    f->unit = m->row_unit;
    f->ret = 0;
    f->dst = -1;
    f->marks = f->base_marks = 0;
    f->args = 0;
    f->flags = ABML_FRAME_BOTTOM;
}

/* The run at the bottom returned: write its row back and begin the next one, whose
 * first instruction comes back; null when there is none or a collection is due. */
static inline const abml_ins *abml_end_row(abml_vm *m) {
    if (ABML_UNLIKELY(m->nundo | m->nmarks | m->nargs | m->gotos)) {
        abml_pop_frame(m);
        abml_undo_run(m);
        abml_begin_run(m);
    }
    /* No iterator outlives its run. */
    m->nshared = 0;
    abml_copy_row(m->place, m->r, m->width);
    m->place += m->width;
    if (ABML_UNLIKELY(m->next_row >= m->last_row || m->attention)) {
        m->nframes = 0;
        return 0;
    }
    abml_begin_row(m);
    return m->row_start;
}

/* Run rows from `first` on until one does not complete by itself or a collection is due.
 * Gives the first row that was not completed; vm->next_row tells whether it was begun. */
static int64_t abml_run_rows(abml_vm *m, int (*loop)(abml_vm *), abml_cell *cells, int64_t width, int64_t first,
                             int64_t last, int32_t unit, int64_t budget) {
    int completed;
    m->place = cells + first * width;
    m->width = width;
    m->next_row = first;
    m->last_row = last;
    m->row_budget = budget;
    m->row_unit = unit;
    m->pc = m->units[unit].start;
    m->row_start = m->code + m->pc;
    abml_begin_row(m);
    abml_begin_run(m);
    completed = loop(m);
    m->place = 0;
    return completed ? m->next_row : m->next_row - 1;
}

#endif
