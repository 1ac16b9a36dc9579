/* Fusing: common sequences of instructions get one opcode for all of them.
 *
 * Only the opcode of the first changes; the others stay in place, so every jump
 * target, line and error row keeps its meaning, and a fused instruction that
 * meets values it does not know goes on as the single one it was.
 */
#ifndef ABML_FUSE_H
#define ABML_FUSE_H

#include "state.h"

static int abml_fused_pair(const abml_ins *i, const abml_ins *j) {
    int left = j->b == i->a, right = j->c == i->a;
    if (left == right) return 0; /* the result must be exactly one of the operands */
#define PAIR(first, second, name_left, name_right)                                                                     \
    if (i->op == ABML_OP_##first && j->op == ABML_OP_##second)                                                         \
        return left ? ABML_OP_##name_left : name_right;
    PAIR(MUL, ADD, MUL_ADD_L, ABML_OP_MUL_ADD_R)
    PAIR(MUL, SUB, MUL_SUB_L, ABML_OP_MUL_SUB_R)
    PAIR(MUL, MUL, MUL_MUL_L, 0)
    PAIR(ADD, MUL, ADD_MUL_L, 0)
    PAIR(ADD, ADD, ADD_ADD_L, 0)
    PAIR(ADD, SUB, ADD_SUB_L, 0)
    PAIR(SUB, MUL, SUB_MUL_L, 0)
    PAIR(SUB, ADD, SUB_ADD_L, 0)
    PAIR(SUB, SUB, SUB_SUB_L, 0)
#undef PAIR
    return 0;
}

static int abml_fused_skip(const abml_ins *i, const abml_ins *j) {
#define SKIP(jump, second)                                                                                             \
    if (i->op == ABML_OP_##jump && j->op == ABML_OP_##second) return ABML_OP_##jump##_##second;
    SKIP(JNLT, ADD) SKIP(JNLT, SUB) SKIP(JNLT, MUL)
    SKIP(JT, ADD) SKIP(JT, SUB) SKIP(JT, MUL)
    SKIP(JF, ADD) SKIP(JF, SUB) SKIP(JF, MUL)
#undef SKIP
    return 0;
}

/* Distance of a forward jump, -1 for other instructions. */
static int32_t abml_forward(const abml_ins *i) {
    int32_t distance;
    if (i->op == ABML_OP_JT || i->op == ABML_OP_JF)
        distance = (int32_t)((uint32_t)i->b | (uint32_t)i->c << 16);
    else if (i->op == ABML_OP_JNLT)
        distance = (int16_t)i->c;
    else
        return -1;
    return distance;
}

/* `code` has `length` instructions and a trap behind them. */
static void abml_fuse(abml_ins *code, int32_t length) {
    int32_t k;
    for (k = 0; k + 1 < length; k++) {
        abml_ins *i = &code[k];
        int32_t distance = abml_forward(i);
        int fused = 0;
        if (distance == 1)
            fused = abml_fused_skip(i, i + 1);
        else if (distance == 2 && i->op == ABML_OP_JNLT && i[1].op == ABML_OP_MOV && i[2].op == ABML_OP_MOV)
            fused = ABML_OP_JNLT_COPIES;
        else if (i->op == ABML_OP_MOV && i[1].op == ABML_OP_MOV)
            fused = k + 2 < length && i[2].op == ABML_OP_MOV ? ABML_OP_MOV_MOV_MOV : ABML_OP_MOV_MOV;
        else
            fused = abml_fused_pair(i, i + 1);
        if (fused) i->op = (uint16_t)fused;
    }
}

#endif
