/* The interpreter loop: instructions that make no Python object, in one source
 * with two dispatch forms.
 *
 * Include with ABML_LOOP_NAME (name of the function) and ABML_COMPUTED_GOTO
 * (1: labels as values, GCC and Clang; 0: a switch) defined. What is not here,
 * and every operand the fast forms do not know, goes to `vm->slow`.
 *
 * Instructions carry the address of their code (`abml_thread`), so that dispatch
 * is one load; opcodes that are changed afterwards have to be threaded again.
 *
 * The function returns 1 when the activation's bottom frame returned (the
 * value is in vm->value) and 0 when the slow path asked to leave.
 */

#ifndef ABML_LOOP_HELPERS
#define ABML_LOOP_HELPERS

#include "objects.h"

/* Where the code of each opcode stands in the loop with computed gotos, once it was asked (with no machine). */
static const void *const *abml_labels;

#define ABML_CALL_COST 8

static inline int32_t abml_label32(const abml_ins *i) { return (int32_t)((uint32_t)i->b | (uint32_t)i->c << 16); }

/* 1, 0, or -1 when the object behind a handle is the slow path's. */
static inline int abml_truth(const abml_vm *m, abml_cell v) {
    if (v == ABML_TRUE) return 1;
    if (v == ABML_FALSE || v == ABML_NULL) return 0;
    if (abml_is_double(v)) return (v << 1) != 0;
    switch (abml_tag(v)) {
    case ABML_TAG_INT: return (v << 16) != 0;
    case ABML_TAG_SYMBOL: return v != ABML_EMPTY_TEXT;
    case ABML_TAG_HEAP: return abml_object_truth(m, v);
    default: return 0;
    }
}

/* 1, 0, or -1 when an object must be asked. */
static inline int abml_equal(abml_cell x, abml_cell y) {
    if (abml_is_int(x) && abml_is_int(y)) return x == y;
    if (abml_is_double(x) && abml_is_double(y)) return abml_to_double(x) == abml_to_double(y);
    if (abml_is_heap(x) || abml_is_heap(y)) return -1;
    if (x == y) return 1;
    if (abml_is_number(x) && abml_is_number(y)) return abml_number(x) == abml_number(y);
    return 0;
}

/* Leave all frames of the activation and put `unit` at its bottom, in a scope of its own. */
static ABML_NOINLINE int abml_transfer(abml_vm *m, int32_t unit) {
    int32_t ret, dst, flags;
    abml_frame *f;
    while (m->nframes > m->bottom + 1) abml_pop_frame(m);
    f = &m->frames[m->bottom];
    ret = f->ret, dst = f->dst, flags = f->flags;
    abml_pop_frame(m);
    f = abml_push_frame(m, unit, ret, dst, flags);
    if (!f) return 0;
    if (!abml_push_scope(m)) return 0;
    f->base_marks = m->nmarks;
    m->went[unit] = 1;
    return 1;
}

#endif

#if ABML_COMPUTED_GOTO
#define CASE(name) op_##name:
#define DEFAULT op_slow:
#define DISPATCH()                                                                                                     \
    do {                                                                                                               \
        i = ip++;                                                                                                      \
        goto *i->label;                                                                                                \
    } while (0)
#else
#define CASE(name)                                                                                                     \
    case ABML_OP_##name:                                                                                               \
    op_##name:                                                                                                         \
    ABML_MAYBE_UNUSED
#define DEFAULT                                                                                                        \
    default:                                                                                                           \
    op_slow:
#define DISPATCH() goto dispatch
#endif
#if ABML_COMPUTED_GOTO
#define EXECUTE() goto *i->label
#else
#define EXECUTE() goto execute
#endif

#define A (r[i->a])
#define B (r[i->b])
#define C (r[i->c])
#define SLOW() goto op_slow

#define JUMP(distance)                                                                                                 \
    do {                                                                                                               \
        int32_t d_ = (distance);                                                                                       \
        ip += d_;                                                                                                      \
        if (d_ < 0) {                                                                                                  \
            m->budget += d_;                                                                                           \
            if (ABML_UNLIKELY(m->budget < 0)) goto safe_point;                                                         \
        }                                                                                                              \
        DISPATCH();                                                                                                    \
    } while (0)

#define ENTER(unit_)                                                                                                   \
    do {                                                                                                               \
        ip = code + m->units[unit_].start;                                                                             \
        m->budget -= ABML_CALL_COST;                                                                                   \
        if (ABML_UNLIKELY(m->budget < 0)) goto safe_point;                                                             \
        DISPATCH();                                                                                                    \
    } while (0)

#define ARITHMETIC(op)                                                                                                 \
    do {                                                                                                               \
        abml_cell x = B, y = C;                                                                                        \
        if (ABML_LIKELY(abml_is_double(x) && abml_is_double(y))) {                                                     \
            A = abml_raw_double(abml_to_double(x) op abml_to_double(y));                                               \
            DISPATCH();                                                                                                \
        }                                                                                                              \
        if (abml_is_int(x) && abml_is_int(y)) {                                                                        \
            int64_t s_;                                                                                                \
            if (!ABML_OVERFLOWS(op, abml_to_int(x), abml_to_int(y), &s_) && abml_fits_int48(s_)) {                     \
                A = abml_from_int48(s_);                                                                               \
                DISPATCH();                                                                                            \
            }                                                                                                          \
            SLOW();                                                                                                    \
        }                                                                                                              \
        if (!abml_is_number(x) || !abml_is_number(y)) SLOW();                                                          \
        A = abml_raw_double(abml_number(x) op abml_number(y));                                                         \
        DISPATCH();                                                                                                    \
    } while (0)

#define STEP(op)                                                                                                       \
    do {                                                                                                               \
        abml_cell x = B, y = C;                                                                                        \
        if (ABML_LIKELY(abml_is_int(x) && abml_is_int(y))) {                                                           \
            int64_t s_ = abml_to_int(x) op abml_to_int(y);                                                             \
            if (!abml_fits_int48(s_)) SLOW();                                                                          \
            A = abml_from_int48(s_);                                                                                   \
            DISPATCH();                                                                                                \
        }                                                                                                              \
        if (!abml_is_number(x) || !abml_is_number(y)) SLOW();                                                          \
        {                                                                                                              \
            double d_ = abml_number(x) op abml_number(y);                                                              \
            if (d_ > -1e14 && d_ < 1e14) {                                                                             \
                int64_t n_ = (int64_t)d_;                                                                              \
                A = (double)n_ == d_ ? abml_from_int48(n_) : abml_raw_double(d_);                                      \
                DISPATCH();                                                                                            \
            }                                                                                                          \
            SLOW();                                                                                                    \
        }                                                                                                              \
    } while (0)

#define EXTREME(op)                                                                                                    \
    do {                                                                                                               \
        abml_cell x = B, y = C;                                                                                        \
        if (ABML_LIKELY(abml_is_double(x) && abml_is_double(y))) {                                                     \
            double dx_ = abml_to_double(x), dy_ = abml_to_double(y);                                                   \
            /* NaN wins on either side. */                                                                             \
            A = dy_ op dx_ || dy_ != dy_ ? y : x;                                                                      \
            DISPATCH();                                                                                                \
        }                                                                                                              \
        if (!abml_is_number(x) || !abml_is_number(y)) SLOW();                                                          \
        if (abml_is_int(x) && abml_is_int(y)) {                                                                        \
            A = abml_to_int(y) op abml_to_int(x) ? y : x;                                                              \
        } else {                                                                                                       \
            double dx_ = abml_number(x), dy_ = abml_number(y);                                                         \
            A = abml_raw_double(dy_ op dx_ || dy_ != dy_ ? dy_ : dx_);                                                 \
        }                                                                                                              \
        DISPATCH();                                                                                                    \
    } while (0)

/* Runs `then(condition)` with the outcome of x op y. */
#define ORDER(x_, y_, op, then)                                                                                        \
    do {                                                                                                               \
        abml_cell x = (x_), y = (y_);                                                                                  \
        if (ABML_LIKELY(abml_is_double(x) && abml_is_double(y))) then(abml_to_double(x) op abml_to_double(y));         \
        if (abml_is_int(x) && abml_is_int(y)) then(abml_to_int(x) op abml_to_int(y));                                  \
        if (!abml_is_number(x) || !abml_is_number(y)) SLOW();                                                          \
        then(abml_number(x) op abml_number(y));                                                                        \
    } while (0)

#define EQUALITY(x_, y_, then, negate)                                                                                 \
    do {                                                                                                               \
        int e_ = abml_equal((x_), (y_));                                                                               \
        if (ABML_UNLIKELY(e_ < 0)) SLOW();                                                                             \
        then(e_ ^ negate);                                                                                             \
    } while (0)

/* Two instructions at once: the first leaves its result in d_ and in its register, the second one uses it.
 * The result must be a double; whatever is not is left to the single instructions. */
#define PAIR_START(op, single)                                                                                         \
    abml_cell x = B, y = C, w;                                                                                         \
    const abml_ins *j = ip;                                                                                            \
    double d_;                                                                                                         \
    if (ABML_LIKELY(abml_is_double(x) && abml_is_double(y))) {                                                         \
        d_ = abml_to_double(x) op abml_to_double(y);                                                                   \
    } else {                                                                                                           \
        if (!abml_is_number(x) || !abml_is_number(y) || (abml_is_int(x) && abml_is_int(y))) goto single;               \
        d_ = abml_number(x) op abml_number(y);                                                                         \
    }                                                                                                                  \
    A = abml_raw_double(d_);

#define PAIR_END(expression)                                                                                           \
    if (ABML_LIKELY(abml_is_number(w))) {                                                                              \
        double w_ = abml_number(w);                                                                                    \
        r[j->a] = abml_raw_double(expression);                                                                         \
        ip = j + 1;                                                                                                    \
    }                                                                                                                  \
    DISPATCH();

#define PAIR_LEFT(op, single, expression)                                                                              \
    do {                                                                                                               \
        PAIR_START(op, single)                                                                                         \
        w = r[j->c];                                                                                                   \
        PAIR_END(expression)                                                                                           \
    } while (0)

#define PAIR_RIGHT(op, single, expression)                                                                             \
    do {                                                                                                               \
        PAIR_START(op, single)                                                                                         \
        w = r[j->b];                                                                                                   \
        PAIR_END(expression)                                                                                           \
    } while (0)

/* A jump over one arithmetic instruction: compute, and keep the old value by a mask instead of a branch. */
#define SELECT_ARITHMETIC(skip, op, single)                                                                            \
    do {                                                                                                               \
        const abml_ins *j = ip;                                                                                        \
        abml_cell x = r[j->b], y = r[j->c], keep;                                                                      \
        if (ABML_UNLIKELY(!abml_is_double(x) || !abml_is_double(y))) goto single;                                      \
        keep = (abml_cell)0 - (abml_cell)(skip);                                                                       \
        r[j->a] = (r[j->a] & keep) | (abml_raw_double(abml_to_double(x) op abml_to_double(y)) & ~keep);                \
        ip = j + 1;                                                                                                    \
        DISPATCH();                                                                                                    \
    } while (0)

/* A jump over one copy, without a branch. */
#define SELECT_COPY(skip)                                                                                              \
    do {                                                                                                               \
        const abml_ins *j = ip;                                                                                        \
        abml_cell keep = (abml_cell)0 - (abml_cell)(skip);                                                             \
        r[j->a] = (r[j->a] & keep) | (r[j->b] & ~keep);                                                                \
        ip = j + 1;                                                                                                    \
        DISPATCH();                                                                                                    \
    } while (0)

/* A jump over two copies, without a branch. */
#define SELECT_COPIES(skip)                                                                                            \
    do {                                                                                                               \
        const abml_ins *j = ip;                                                                                        \
        abml_cell keep = (abml_cell)0 - (abml_cell)(skip);                                                             \
        r[j->a] = (r[j->a] & keep) | (r[j->b] & ~keep);                                                                \
        r[j[1].a] = (r[j[1].a] & keep) | (r[j[1].b] & ~keep);                                                          \
        ip = j + 2;                                                                                                    \
        DISPATCH();                                                                                                    \
    } while (0)

#define PUT_BOOL(condition)                                                                                            \
    do {                                                                                                               \
        A = abml_from_bool(condition);                                                                                 \
        DISPATCH();                                                                                                    \
    } while (0)
#define JUMP_IF(condition)                                                                                             \
    do {                                                                                                               \
        if (condition) JUMP((int16_t)i->c);                                                                            \
        DISPATCH();                                                                                                    \
    } while (0)
#define JUMP_UNLESS(condition)                                                                                         \
    do {                                                                                                               \
        if (!(condition)) JUMP((int16_t)i->c);                                                                         \
        DISPATCH();                                                                                                    \
    } while (0)
#define JUMP_WHEN(condition)                                                                                           \
    do {                                                                                                               \
        if (condition) JUMP(abml_label32(i));                                                                          \
        DISPATCH();                                                                                                    \
    } while (0)

static int ABML_LOOP_NAME(abml_vm *m) {
    abml_cell *r;
    const abml_ins *code, *ip, *i;
#if ABML_COMPUTED_GOTO
    static const void *const labels[ABML_OP_LIMIT] = {
#define L(name) [ABML_OP_##name] = &&op_##name
        [0 ... ABML_OP_LIMIT - 1] = &&op_slow,
        L(NOP), L(MOV), L(LOADK), L(ADD), L(SUB), L(MUL), L(DIV), L(MOD), L(NEG), L(INC), L(DEC), L(MIN), L(MAX),
        L(EQ), L(NE), L(LT), L(LE), L(NOT), L(BOOL), L(JMP), L(JT), L(JF), L(JNULL), L(JNOTNULL), L(JTRUE), L(JLT),
        L(JNLT), L(JLE), L(JNLE), L(JEQ), L(JNE), L(ARG), L(ARG2), L(ARG3), L(CALLF), L(FRET), L(RET), L(TIMES), L(COUNT),
        L(SCOPE), L(UNSCOPE), L(LOADV), L(LOADL), L(LOADD), L(SETV), L(SETL), L(LOCALV), L(JBOUND), L(JGIVEN),
        L(CALLFLOW), L(GOTO), L(INTENT), L(TURN), L(GETM), L(GETI), L(PFIN), L(ITER), L(NEXT), L(INDEX),
#define ABML_FUSED(name) L(name),
        ABML_FUSED_LIST(ABML_FUSED)
#undef ABML_FUSED
#undef L
    };
    if (ABML_UNLIKELY(!m)) {
        abml_labels = labels;
        return 0;
    }
    r = m->r, code = m->code, ip = code + m->pc;
    DISPATCH();
#else
    r = m->r, code = m->code, ip = code + m->pc;
dispatch:
    i = ip++;
execute:
    switch (i->op) {
#endif

    /* ---- fused instructions, see fuse.h ---- */
    CASE(MUL_ADD_L) { PAIR_LEFT(*, op_MUL, d_ + w_); }
    CASE(MUL_ADD_R) { PAIR_RIGHT(*, op_MUL, w_ + d_); }
    CASE(MUL_SUB_L) { PAIR_LEFT(*, op_MUL, d_ - w_); }
    CASE(MUL_SUB_R) { PAIR_RIGHT(*, op_MUL, w_ - d_); }
    CASE(MUL_MUL_L) { PAIR_LEFT(*, op_MUL, d_ * w_); }
    CASE(ADD_MUL_L) { PAIR_LEFT(+, op_ADD, d_ * w_); }
    CASE(ADD_ADD_L) { PAIR_LEFT(+, op_ADD, d_ + w_); }
    CASE(ADD_SUB_L) { PAIR_LEFT(+, op_ADD, d_ - w_); }
    CASE(SUB_MUL_L) { PAIR_LEFT(-, op_SUB, d_ * w_); }
    CASE(SUB_ADD_L) { PAIR_LEFT(-, op_SUB, d_ + w_); }
    CASE(SUB_SUB_L) { PAIR_LEFT(-, op_SUB, d_ - w_); }
    CASE(MOV_MOV) {
        const abml_ins *j = ip;
        A = B;
        r[j->a] = r[j->b];
        ip = j + 1;
        DISPATCH();
    }
    CASE(MOV_MOV_RET) {
        const abml_ins *j = ip;
        A = B;
        r[j->a] = r[j->b];
        i = j + 1;
        ip = j + 2;
        goto op_RET;
    }
    CASE(MOV_RET) {
        A = B;
        i = ip++;
        goto op_RET;
    }
    CASE(JMP_COUNT) {
        int32_t d_ = abml_label32(i);
        ip += d_;
        m->budget += d_;
        if (ABML_UNLIKELY(m->budget < 0)) goto safe_point;
        i = ip++;
        goto op_COUNT;
    }
    CASE(ADD_INT) {
        abml_cell x = B;
        int64_t k = abml_to_int(C);
        if (ABML_LIKELY(abml_is_int(x))) {
            int64_t s = abml_to_int(x) + k;
            if (ABML_UNLIKELY(!abml_fits_int48(s))) SLOW();
            A = abml_from_int48(s);
            DISPATCH();
        }
        if (!abml_is_double(x)) goto op_ADD;
        A = abml_raw_double(abml_to_double(x) + (double)k);
        DISPATCH();
    }
    CASE(SUB_INT) {
        abml_cell x = B;
        int64_t k = abml_to_int(C);
        if (ABML_LIKELY(abml_is_int(x))) {
            int64_t s = abml_to_int(x) - k;
            if (ABML_UNLIKELY(!abml_fits_int48(s))) SLOW();
            A = abml_from_int48(s);
            DISPATCH();
        }
        if (!abml_is_double(x)) goto op_SUB;
        A = abml_raw_double(abml_to_double(x) - (double)k);
        DISPATCH();
    }
/* One side is a constant int: `left op right` of the other side's value. */
#define AGAINST_INT(value, constant, left, op, right, then, single)                                                    \
    do {                                                                                                               \
        abml_cell v = (value);                                                                                         \
        if (ABML_LIKELY(abml_is_int(v))) {                                                                             \
            int64_t v_ = abml_to_int(v), k_ = abml_to_int(constant);                                                   \
            then(left op right);                                                                                       \
        }                                                                                                              \
        if (!abml_is_double(v)) goto single;                                                                           \
        {                                                                                                              \
            double v_ = abml_to_double(v), k_ = (double)abml_to_int(constant);                                         \
            then(left op right);                                                                                       \
        }                                                                                                              \
    } while (0)
    CASE(JNLT_VK) { AGAINST_INT(A, B, v_, <, k_, JUMP_UNLESS, op_JNLT); }
    CASE(JNLT_KV) { AGAINST_INT(B, A, k_, <, v_, JUMP_UNLESS, op_JNLT); }
    CASE(JNLE_VK) { AGAINST_INT(A, B, v_, <=, k_, JUMP_UNLESS, op_JNLE); }
    CASE(JNLE_KV) { AGAINST_INT(B, A, k_, <=, v_, JUMP_UNLESS, op_JNLE); }
    CASE(JLT_VK) { AGAINST_INT(A, B, v_, <, k_, JUMP_IF, op_JLT); }
    CASE(JLT_KV) { AGAINST_INT(B, A, k_, <, v_, JUMP_IF, op_JLT); }
    CASE(JLE_VK) { AGAINST_INT(A, B, v_, <=, k_, JUMP_IF, op_JLE); }
    CASE(JLE_KV) { AGAINST_INT(B, A, k_, <=, v_, JUMP_IF, op_JLE); }
    CASE(JEQ_VK) {
        if (ABML_LIKELY(abml_is_int(A))) JUMP_IF(A == B);
        AGAINST_INT(A, B, v_, ==, k_, JUMP_IF, op_JEQ);
    }
    CASE(JNE_VK) {
        if (ABML_LIKELY(abml_is_int(A))) JUMP_UNLESS(A == B);
        AGAINST_INT(A, B, v_, ==, k_, JUMP_UNLESS, op_JNE);
    }
/* Cases of `switch` compare with a number and then with its text, which cannot hold for a number.
 * All cases of one switch in a row are tried here. */
#define JUMP_OR_SKIP(condition)                                                                                        \
    do {                                                                                                               \
        if (condition) JUMP((int16_t)i->c);                                                                            \
        ip++;                                                                                                          \
        DISPATCH();                                                                                                    \
    } while (0)
    CASE(JEQ_CASE) {
        abml_cell v = A;
        if (ABML_LIKELY(abml_is_int(v))) {
            for (;;) {
                if (v == B) JUMP((int16_t)i->c);
                ip++;
                if (ip->op != ABML_OP_JEQ_CASE || ip->a != i->a) DISPATCH();
                i = ip++;
            }
        }
        AGAINST_INT(A, B, v_, ==, k_, JUMP_OR_SKIP, op_JEQ);
    }
#define COPY_IF(condition) SELECT_COPY(!(condition))
#define COPIES_IF(condition) SELECT_COPIES(!(condition))
    CASE(JNLT_VK_COPY) { AGAINST_INT(A, B, v_, <, k_, COPY_IF, op_JNLT); }
    CASE(JNLT_VK_COPIES) { AGAINST_INT(A, B, v_, <, k_, COPIES_IF, op_JNLT); }
    CASE(JNLE_KV_COPY) { AGAINST_INT(B, A, k_, <=, v_, COPY_IF, op_JNLE); }
    CASE(JNLT_COPY) {
        abml_cell p = A, q = B;
        if (ABML_UNLIKELY(!abml_is_double(p) || !abml_is_double(q))) goto op_JNLT;
        SELECT_COPY(!(abml_to_double(p) < abml_to_double(q)));
    }
    CASE(TIMES_MOV) {
        /* The number of rounds is a constant. */
        const abml_ins *j = ip++;
        A = abml_to_int(B) > 0 ? B : abml_from_int48(0);
        r[j->a] = r[j->b];
        DISPATCH();
    }
    CASE(ADD_INT_JMP) {
        abml_cell x = B;
        int64_t s;
        const abml_ins *j;
        if (ABML_UNLIKELY(!abml_is_int(x))) goto op_ADD_INT;
        s = abml_to_int(x) + abml_to_int(C);
        if (ABML_UNLIKELY(!abml_fits_int48(s))) SLOW();
        A = abml_from_int48(s);
        j = ip++;
        JUMP(abml_label32(j));
    }
    CASE(COUNT_JNLE_JMP) {
        const abml_ins *j = ip, *k;
        abml_cell p, q;
        int64_t n;
        if (ABML_UNLIKELY(!abml_is_int(A) || !abml_is_int(B))) SLOW();
        n = abml_to_int(A) + 1;
        if (n >= abml_to_int(B) || n >= m->max_loop) goto op_COUNT;
        A = abml_from_int48(n);
        p = r[j->a], q = r[j->b];
        ip = j + 1;
        if (ABML_UNLIKELY(!abml_is_double(p) || !abml_is_double(q))) {
            i = j;
            goto op_JNLE;
        }
        k = ip++;
        if (abml_to_double(p) <= abml_to_double(q)) JUMP(abml_label32(k));
        DISPATCH();
    }
/* A jump over a jump: when the condition holds, the second one is taken. */
#define JUMP_OVER(condition)                                                                                           \
    do {                                                                                                               \
        const abml_ins *j = ip++;                                                                                      \
        if (condition) JUMP(abml_label32(j));                                                                          \
        DISPATCH();                                                                                                    \
    } while (0)
    CASE(JNLT_JMP) {
        abml_cell p = A, q = B;
        if (ABML_UNLIKELY(!abml_is_double(p) || !abml_is_double(q))) goto op_JNLT;
        JUMP_OVER(abml_to_double(p) < abml_to_double(q));
    }
    CASE(JNLE_JMP) {
        abml_cell p = A, q = B;
        if (ABML_UNLIKELY(!abml_is_double(p) || !abml_is_double(q))) goto op_JNLE;
        JUMP_OVER(abml_to_double(p) <= abml_to_double(q));
    }
    CASE(MOV_MOV_MOV) {
        const abml_ins *j = ip;
        A = B;
        r[j->a] = r[j->b];
        r[j[1].a] = r[j[1].b];
        ip = j + 2;
        DISPATCH();
    }
    CASE(JNLT_COPIES) {
        abml_cell p = A, q = B;
        if (ABML_UNLIKELY(!abml_is_double(p) || !abml_is_double(q))) goto op_JNLT;
        SELECT_COPIES(!(abml_to_double(p) < abml_to_double(q)));
    }
    CASE(JNLT_ADD) {
        abml_cell p = A, q = B;
        if (ABML_UNLIKELY(!abml_is_double(p) || !abml_is_double(q))) goto op_JNLT;
        SELECT_ARITHMETIC(!(abml_to_double(p) < abml_to_double(q)), +, op_JNLT);
    }
    CASE(JNLT_SUB) {
        abml_cell p = A, q = B;
        if (ABML_UNLIKELY(!abml_is_double(p) || !abml_is_double(q))) goto op_JNLT;
        SELECT_ARITHMETIC(!(abml_to_double(p) < abml_to_double(q)), -, op_JNLT);
    }
    CASE(JNLT_MUL) {
        abml_cell p = A, q = B;
        if (ABML_UNLIKELY(!abml_is_double(p) || !abml_is_double(q))) goto op_JNLT;
        SELECT_ARITHMETIC(!(abml_to_double(p) < abml_to_double(q)), *, op_JNLT);
    }
#define SELECT_ON_BOOL(skip, op, single)                                                                               \
    do {                                                                                                               \
        abml_cell p = A;                                                                                               \
        if (ABML_UNLIKELY(p - ABML_FALSE > 1)) goto single;                                                            \
        SELECT_ARITHMETIC(p == (skip), op, single);                                                                    \
    } while (0)
    CASE(JT_ADD) { SELECT_ON_BOOL(ABML_TRUE, +, op_JT); }
    CASE(JT_SUB) { SELECT_ON_BOOL(ABML_TRUE, -, op_JT); }
    CASE(JT_MUL) { SELECT_ON_BOOL(ABML_TRUE, *, op_JT); }
    CASE(JF_ADD) { SELECT_ON_BOOL(ABML_FALSE, +, op_JF); }
    CASE(JF_SUB) { SELECT_ON_BOOL(ABML_FALSE, -, op_JF); }
    CASE(JF_MUL) { SELECT_ON_BOOL(ABML_FALSE, *, op_JF); }

    CASE(NOP) { DISPATCH(); }
    CASE(MOV) {
        A = B;
        DISPATCH();
    }
    CASE(LOADK) {
        A = m->constants[(uint32_t)abml_label32(i)];
        DISPATCH();
    }
#define ABML_OVERFLOWS(op, x, y, out) __builtin_add_overflow(x, y, out)
    CASE(ADD) { ARITHMETIC(+); }
#undef ABML_OVERFLOWS
#define ABML_OVERFLOWS(op, x, y, out) __builtin_sub_overflow(x, y, out)
    CASE(SUB) { ARITHMETIC(-); }
#undef ABML_OVERFLOWS
#define ABML_OVERFLOWS(op, x, y, out) __builtin_mul_overflow(x, y, out)
    CASE(MUL) { ARITHMETIC(*); }
#undef ABML_OVERFLOWS
    CASE(DIV) {
        abml_cell x = B, y = C;
        double d;
        if (!abml_is_number(x) || !abml_is_number(y)) SLOW();
        d = abml_number(y);
        if (ABML_UNLIKELY(d == 0.0)) SLOW();
        A = abml_raw_double(abml_number(x) / d);
        DISPATCH();
    }
    CASE(MOD) {
        abml_cell x = B, y = C;
        if (abml_is_int(x) && abml_is_int(y)) {
            int64_t d = abml_to_int(y);
            if (ABML_UNLIKELY(d == 0)) SLOW();
            A = abml_from_int48(abml_to_int(x) % d);
            DISPATCH();
        }
        if (!abml_is_number(x) || !abml_is_number(y)) SLOW();
        {
            double d = fmod(abml_number(x), abml_number(y));
            /* Zero divisors, infinities and NaNs are the slow path's. */
            if (ABML_UNLIKELY(d != d)) SLOW();
            A = abml_raw_double(d);
        }
        DISPATCH();
    }
    CASE(NEG) {
        abml_cell x = B;
        if (abml_is_double(x)) {
            A = abml_raw_double(-abml_to_double(x));
            DISPATCH();
        }
        if (!abml_is_int(x) || !abml_fits_int48(-abml_to_int(x))) SLOW();
        A = abml_from_int48(-abml_to_int(x));
        DISPATCH();
    }
    CASE(INC) { STEP(+); }
    CASE(DEC) { STEP(-); }
    CASE(MIN) { EXTREME(<); }
    CASE(MAX) { EXTREME(>); }

    CASE(EQ) { EQUALITY(B, C, PUT_BOOL, 0); }
    CASE(NE) { EQUALITY(B, C, PUT_BOOL, 1); }
    CASE(LT) { ORDER(B, C, <, PUT_BOOL); }
    CASE(LE) { ORDER(B, C, <=, PUT_BOOL); }
    CASE(NOT) {
        int t = abml_truth(m, B);
        if (ABML_UNLIKELY(t < 0)) SLOW();
        PUT_BOOL(!t);
    }
    CASE(BOOL) {
        int t = abml_truth(m, B);
        if (ABML_UNLIKELY(t < 0)) SLOW();
        PUT_BOOL(t);
    }

    CASE(JMP) { JUMP(abml_label32(i)); }
    CASE(JT) {
        int t = abml_truth(m, A);
        if (ABML_UNLIKELY(t < 0)) SLOW();
        JUMP_WHEN(t);
    }
    CASE(JF) {
        int t = abml_truth(m, A);
        if (ABML_UNLIKELY(t < 0)) SLOW();
        JUMP_WHEN(!t);
    }
    CASE(JNULL) { JUMP_WHEN(A == ABML_NULL || abml_is_open(A)); }
    CASE(JNOTNULL) { JUMP_WHEN(A != ABML_NULL && !abml_is_open(A)); }
    CASE(JTRUE) { JUMP_WHEN(A == ABML_TRUE); }
    CASE(JLT) { ORDER(A, B, <, JUMP_IF); }
    CASE(JNLT) { ORDER(A, B, <, JUMP_UNLESS); }
    CASE(JLE) { ORDER(A, B, <=, JUMP_IF); }
    CASE(JNLE) { ORDER(A, B, <=, JUMP_UNLESS); }
    CASE(JEQ) { EQUALITY(A, B, JUMP_IF, 0); }
    CASE(JNE) { EQUALITY(A, B, JUMP_IF, 1); }

    CASE(ARG) {
        if (!ABML_ROOM(m->args, m->nargs, m->cap_args, 1, ABML_MAX_ARGS)) SLOW();
        m->args[m->nargs++] = A;
        DISPATCH();
    }
    CASE(ARG2) {
        if (!ABML_ROOM(m->args, m->nargs, m->cap_args, 2, ABML_MAX_ARGS)) SLOW();
        m->args[m->nargs++] = A;
        m->args[m->nargs++] = B;
        DISPATCH();
    }
    CASE(ARG3) {
        if (!ABML_ROOM(m->args, m->nargs, m->cap_args, 3, ABML_MAX_ARGS)) SLOW();
        m->args[m->nargs++] = A;
        m->args[m->nargs++] = B;
        m->args[m->nargs++] = C;
        DISPATCH();
    }

    CASE(CALLF) {
        int32_t unit = m->functions[i->b], n = i->c, k;
        const abml_unit *u;
        if (unit < 0) SLOW();
        u = &m->units[unit];
        if (n < u->arity_least || n > u->arity_most || n > m->nargs - m->frames[m->nframes - 1].args) SLOW();
        m->nargs -= n;
        if (ABML_UNLIKELY(!abml_push_frame(m, unit, (int32_t)(ip - code), i->a, 0))) {
            m->nargs += n;
            SLOW();
        }
        for (k = 0; k < n; k++) r[u->region_start + k] = m->args[m->nargs + k];
        for (; k < u->arity_most; k++) r[u->region_start + k] = ABML_NULL;
        /* How many were given stands after them: the callee fills in its defaults. */
        if (u->region_start + k < u->region_end) r[u->region_start + k] = abml_from_int48(n);
        ENTER(unit);
    }
/* `resume` is where RET goes on; handlers look at the instruction before `ret`. */
#define CALL_FLOW(resume_)                                                                                             \
    do {                                                                                                               \
        const abml_site *s = &m->sites[i->b];                                                                          \
        int32_t n = m->nframes, marks = m->nmarks;                                                                     \
        abml_frame *f;                                                                                                 \
        if (ABML_UNLIKELY(n >= m->cap_frames || marks >= m->cap_marks)) SLOW();                                        \
        if (ABML_UNLIKELY(s->simple != 2)) {                                                                           \
            if (!s->simple) SLOW();                                                                                    \
            f = abml_push_frame(m, s->unit, (int32_t)(ip - code), i->a, 0);                                            \
            if (!f) SLOW();                                                                                            \
            m->marks[m->nmarks++] = m->nundo;                                                                          \
            f->base_marks = m->nmarks;                                                                                 \
            ENTER(s->unit);                                                                                            \
        }                                                                                                              \
        m->marks[marks] = m->nundo;                                                                                    \
        m->nmarks = marks + 1;                                                                                         \
        f = &m->frames[n];                                                                                             \
        f->unit = s->unit;                                                                                             \
        f->ret = (int32_t)(ip - code);                                                                                 \
        f->dst = i->a;                                                                                                 \
        f->marks = marks;                                                                                              \
        f->base_marks = marks + 1;                                                                                     \
        f->args = m->nargs;                                                                                            \
        f->saved = (int32_t)((resume_) - code);                                                                        \
        f->flags = 0;                                                                                                  \
        m->nframes = n + 1;                                                                                            \
        ip = code + s->start;                                                                                          \
        m->budget -= ABML_CALL_COST;                                                                                   \
        if (ABML_UNLIKELY(m->budget < 0)) goto safe_point;                                                             \
        DISPATCH();                                                                                                    \
    } while (0)
    CASE(CALLFLOW) { CALL_FLOW(ip); }
    CASE(CALLFLOW_JMP) { CALL_FLOW(ip + 1 + abml_label32(ip)); }
    CASE(RET)
    CASE(FRET) {
        int32_t n = m->nframes - 1, marks;
        const abml_frame *f = &m->frames[n];
        abml_cell v = A;
        if (ABML_UNLIKELY(f->flags)) {
            if (f->flags & ABML_FRAME_HANDLER) SLOW();
            if (f->flags & ABML_FRAME_BOTTOM) {
                if (n == 0 && m->place) {
                    ip = abml_end_row(m);
                    if (ABML_UNLIKELY(!ip)) return 1;
                    DISPATCH();
                }
                m->value = v;
                abml_pop_frame(m);
                return 1;
            }
            abml_pop_frame(m);
            r[f->dst] = v;
            ip = code + f->ret;
            DISPATCH();
        }
        marks = f->marks;
        if (marks < m->nmarks) {
            if (ABML_UNLIKELY(m->marks[marks] != m->nundo)) abml_pop_scopes(m, marks);
            m->nmarks = marks;
        }
        m->nargs = f->args;
        m->nframes = n;
        r[f->dst] = v;
        ip = code + f->saved;
        DISPATCH();
    }
    CASE(GOTO) {
        const abml_site *s = &m->sites[i->a];
        if (ABML_UNLIKELY(!s->simple || m->tick_mode || m->gotos >= m->max_gotos)) SLOW();
        m->gotos++;
        if (ABML_UNLIKELY(!abml_transfer(m, s->unit))) SLOW();
        ENTER(s->unit);
    }

    /* ---- lists and maps, see objects.h ---- */
    CASE(GETM) {
        abml_cell v;
        if (ABML_UNLIKELY(!abml_member(m, B, &m->names[i->c], &v))) SLOW();
        A = v;
        DISPATCH();
    }
    CASE(GETI) {
        abml_cell v;
        if (ABML_UNLIKELY(!abml_element(m, B, C, &v))) SLOW();
        A = v;
        DISPATCH();
    }
    CASE(PFIN) {
        abml_cell v = B;
        if (ABML_UNLIKELY(abml_is_open(v) || abml_is_provider(m, v))) SLOW();
        A = v;
        DISPATCH();
    }
    CASE(LOADV_FIELD) {
        /* A field of a map holds no provider reference, so there is nothing to finish. */
        const abml_ins *j = ip;
        abml_cell x = B, v;
        if (ABML_UNLIKELY(!abml_member(m, x, &m->names[j->c], &v))) goto op_LOADV_PATH;
        A = x;
        r[j->a] = v;
        r[j[1].a] = v;
        ip = j + 2;
        DISPATCH();
    }
    CASE(LOADV_PATH) {
        /* A path of a provider that was asked already in this tick. */
        const abml_path *path = m->paths;
        if (B != ABML_UNBOUND || !path) goto op_LOADV;
        path += i->c;
        if (ABML_UNLIKELY(path->version != m->providers)) goto op_LOADV;
        r[path->to] = path->value;
        ip += path->length;
        DISPATCH();
    }
    CASE(ITER) {
        abml_cell v = abml_iterate(m, B);
        if (ABML_UNLIKELY(!v)) SLOW();
        A = v;
        DISPATCH();
    }
    CASE(NEXT) {
        abml_iterator *iterator = abml_iterator_at(m, A);
        if (ABML_UNLIKELY(!iterator)) SLOW();
        if (iterator->position < PyList_GET_SIZE(iterator->items)) {
            abml_cell v;
            if (ABML_UNLIKELY(iterator->is_limited && iterator->position >= m->max_loop)) SLOW();
            if (ABML_UNLIKELY(!abml_plain(m, PyList_GET_ITEM(iterator->items, iterator->position), &v))) SLOW();
            iterator->position++;
            B = v;
            DISPATCH();
        }
        abml_end_iteration(m, A);
        JUMP((int16_t)i->c);
    }
    CASE(INDEX) {
        abml_iterator *iterator = abml_iterator_at(m, B);
        if (ABML_UNLIKELY(!iterator)) SLOW();
        A = abml_from_int48(iterator->position - 1);
        DISPATCH();
    }
    CASE(TIMES) {
        abml_cell x = B;
        if (ABML_UNLIKELY(!abml_is_int(x))) SLOW();
        A = abml_to_int(x) > 0 ? x : abml_from_int48(0);
        DISPATCH();
    }
    CASE(COUNT) {
        int64_t n;
        if (ABML_UNLIKELY(!abml_is_int(A) || !abml_is_int(B))) SLOW();
        n = abml_to_int(A) + 1;
        if (n >= abml_to_int(B)) {
            A = abml_from_int48(n);
            JUMP((int16_t)i->c);
        }
        if (ABML_UNLIKELY(n >= m->max_loop)) SLOW();
        A = abml_from_int48(n);
        DISPATCH();
    }

    CASE(SCOPE) {
        if (ABML_UNLIKELY(!abml_push_scope(m))) SLOW();
        DISPATCH();
    }
    CASE(UNSCOPE) {
        int32_t left = m->nmarks - i->a;
        if (ABML_UNLIKELY(left < m->frames[m->nframes - 1].base_marks)) SLOW();
        abml_pop_scopes(m, left);
        DISPATCH();
    }
    CASE(SCOPE_LOCALV) {
        if (ABML_UNLIKELY(!abml_push_scope(m))) SLOW();
        i = ip++;
        goto op_LOCALV;
    }
    CASE(UNSCOPE_JMP) {
        int32_t left = m->nmarks - i->a;
        if (ABML_UNLIKELY(left < m->frames[m->nframes - 1].base_marks)) SLOW();
        abml_pop_scopes(m, left);
        i = ip++;
        goto op_JMP;
    }
    CASE(LOADV) {
        abml_cell v = B;
        if (ABML_UNLIKELY(abml_is_open(v))) SLOW();
        A = v;
        DISPATCH();
    }
    CASE(COLUMN) {
        /* A whole chain of LOADV, GETM and PFIN, when nothing binds the name and a column has the value. */
        const abml_column *c_ = &m->columns[i->c];
        if (ABML_LIKELY(B == ABML_UNBOUND)) {
            int64_t at_ = c_->row_of ? c_->row_of[m->row] : m->row;
            abml_cell v;
            if (ABML_LIKELY(c_->kind == ABML_COLUMN_FLOAT && at_ >= 0 && (!c_->valid || c_->valid[at_]))) {
                double d_ = ((const double *)c_->values)[at_];
                v = d_ == d_ ? abml_raw_double(d_) : ABML_NULL;
            } else {
                v = abml_column_cell(c_, at_);
            }
            if (ABML_LIKELY(v != ABML_LAZY)) {
                r[c_->target] = v;
                ip += c_->length;
                DISPATCH();
            }
        }
        if (c_->is_document) goto op_LOADD;
        goto op_LOADV;
    }
    CASE(LOADL) {
        abml_cell v = B;
        if (v == ABML_UNBOUND) v = C;
        if (ABML_UNLIKELY(abml_is_open(v))) SLOW();
        A = v;
        DISPATCH();
    }
    CASE(LOADD) {
        abml_cell v = B;
        if (ABML_UNLIKELY(m->depth[i->b] > 1 || abml_is_open(v))) SLOW();
        A = v;
        DISPATCH();
    }
    CASE(SETV) {
        abml_cell old = A;
        if (ABML_UNLIKELY(m->readonly[i->a])) SLOW();
        if (ABML_LIKELY(!abml_is_open(old))) {
            A = B;
            DISPATCH();
        }
        if (old == ABML_LAZY || !abml_bind(m, i->a, B)) SLOW();
        DISPATCH();
    }
    CASE(SETL) {
        int32_t slot = A == ABML_UNBOUND ? i->c : i->a;
        if (ABML_UNLIKELY(abml_is_open(r[slot]) || m->readonly[slot])) SLOW();
        r[slot] = B;
        DISPATCH();
    }
    CASE(LOCALV) {
        if (ABML_UNLIKELY(!abml_bind(m, i->a, B))) SLOW();
        DISPATCH();
    }
    CASE(JBOUND) { JUMP_WHEN(m->depth[i->a] == abml_scope_depth(m) && A != ABML_UNBOUND); }
    CASE(JGIVEN) { JUMP_WHEN(!abml_is_open(A)); }

    CASE(INTENT) {
        abml_cell u = C;
        abml_intent *e;
        double urgency;
        int32_t n = m->nintents;
        /* A list or map is copied: it must not change after it was emitted. */
        if (ABML_UNLIKELY(!abml_is_number(u) || abml_is_heap(B) || n >= m->cap_intents)) SLOW();
        urgency = abml_number(u);
        e = &m->intents[n];
        m->nintents = n + 1;
        /* NaN fails both comparisons the right way round: it counts as 0. */
        e->urgency = urgency > 1.0 ? 1.0 : urgency > 0.0 ? urgency : 0.0;
        e->action = B;
        /* Not of `i`: under TURN it stands in another copy of the code. */
        e->pc = (int32_t)(ip - code) - 1;
        e->row = m->row;
        m->row += m->row_step;
        DISPATCH();
    }

    CASE(TURN) {
        int32_t at = (int32_t)(ip - code) - 1;
        int what = m->turn(m->self, at);
        if (what == 1) return 0;
        if (what == 2) {
            ip = code + m->pc;
            DISPATCH();
        }
        i = m->base + at;
        EXECUTE();
    }

    DEFAULT {
        if (m->slow(m->self, (int32_t)(ip - code) - 1)) return 0;
        ip = code + m->pc;
        DISPATCH();
    }
#if !ABML_COMPUTED_GOTO
    }
#endif

safe_point:
    m->pc = (int32_t)(ip - code);
    if (m->slow(m->self, -1)) return 0;
    ip = code + m->pc;
    DISPATCH();
}

#undef CASE
#undef DEFAULT
#undef DISPATCH
#undef EXECUTE
#undef A
#undef B
#undef C
#undef SLOW
#undef JUMP
#undef ENTER
#undef ARITHMETIC
#undef STEP
#undef EXTREME
#undef ORDER
#undef EQUALITY
#undef PAIR_START
#undef PAIR_END
#undef PAIR_LEFT
#undef PAIR_RIGHT
#undef SELECT_ARITHMETIC
#undef SELECT_COPY
#undef SELECT_COPIES
#undef SELECT_ON_BOOL
#undef AGAINST_INT
#undef COPY_IF
#undef COPIES_IF
#undef JUMP_OR_SKIP
#undef JUMP_OVER
#undef CALL_FLOW
#undef PUT_BOOL
#undef JUMP_IF
#undef JUMP_UNLESS
#undef JUMP_WHEN
#undef ABML_LOOP_NAME
#undef ABML_COMPUTED_GOTO
