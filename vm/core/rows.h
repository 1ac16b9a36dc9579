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

/* Run rows from `first` on until one does not complete by itself; `count` when all did.
 * The row that stopped is left in the registers, its run where it stopped. When a
 * collection is due, the next row is not begun: vm->pc is -1 then. */
static int64_t abml_run_rows(abml_vm *m, int (*loop)(abml_vm *), abml_cell *cells, int64_t width, int64_t first,
                             int64_t count, int32_t unit, int64_t budget) {
    const int32_t start = m->units[unit].start;
    abml_frame *f = &m->frames[0];
    int64_t row;
    for (row = first; row < count; row++) {
        abml_cell *place = cells + row * width;
        if (ABML_UNLIKELY(m->attention)) {
            m->pc = -1;
            return row;
        }
        abml_copy_row(m->r, place, width);
        m->budget = budget;
        m->gotos = 0;
        m->row = (int32_t)row;
        m->pc = start;
        m->nframes = 1;
        f->unit = unit;
        f->ret = 0;
        f->dst = -1;
        f->marks = f->base_marks = 0;
        f->args = 0;
        f->flags = ABML_FRAME_BOTTOM;
        if (ABML_UNLIKELY(!loop(m))) return row;
        if (ABML_UNLIKELY(m->nundo)) abml_undo_run(m);
        abml_copy_row(place, m->r, width);
    }
    return count;
}

#endif
