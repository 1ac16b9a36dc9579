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

/* The constant that an operand names, or a cell that is no int. */
static abml_cell abml_constant(const abml_cell *registers, int32_t first, int32_t end, int32_t operand) {
    return operand >= first && operand < end ? registers[operand] : ABML_NULL;
}

/* Arithmetic and comparisons with a constant int on one side. */
static int abml_with_int(const abml_ins *i, abml_cell a, abml_cell b, abml_cell c) {
    switch (i->op) {
    case ABML_OP_ADD: return abml_is_int(c) ? ABML_OP_ADD_INT : 0;
    case ABML_OP_SUB: return abml_is_int(c) ? ABML_OP_SUB_INT : 0;
    case ABML_OP_JNLT: return abml_is_int(b) ? ABML_OP_JNLT_VK : abml_is_int(a) ? ABML_OP_JNLT_KV : 0;
    case ABML_OP_JNLE: return abml_is_int(b) ? ABML_OP_JNLE_VK : abml_is_int(a) ? ABML_OP_JNLE_KV : 0;
    case ABML_OP_JLT: return abml_is_int(b) ? ABML_OP_JLT_VK : abml_is_int(a) ? ABML_OP_JLT_KV : 0;
    case ABML_OP_JLE: return abml_is_int(b) ? ABML_OP_JLE_VK : abml_is_int(a) ? ABML_OP_JLE_KV : 0;
    case ABML_OP_JEQ: return abml_is_int(b) ? ABML_OP_JEQ_VK : 0;
    case ABML_OP_JNE: return abml_is_int(b) ? ABML_OP_JNE_VK : 0;
    default: return 0;
    }
}

static int32_t abml_long_distance(const abml_ins *i) { return (int32_t)((uint32_t)i->b | (uint32_t)i->c << 16); }

/* What starts at an instruction; at most two more follow it. 0: nothing to gain. */
static int abml_fused(const abml_ins *code, int32_t length, int32_t k, const abml_cell *registers, int32_t first,
                      int32_t end) {
    const abml_ins *i = &code[k], *j = i + 1;
    abml_cell b = abml_constant(registers, first, end, i->b);
    int32_t distance = -1;
    if (i->op == ABML_OP_JT || i->op == ABML_OP_JF)
        distance = abml_long_distance(i);
    else if (i->op == ABML_OP_JNLT || i->op == ABML_OP_JNLE)
        distance = (int16_t)i->c;
    if (distance == 1) {
        int skip = abml_fused_skip(i, j);
        if (skip) return skip;
        if (j->op == ABML_OP_JMP && i->op == ABML_OP_JNLT && !abml_is_int(b)) return ABML_OP_JNLT_JMP;
        if (j->op == ABML_OP_JMP && i->op == ABML_OP_JNLE && !abml_is_int(b)) return ABML_OP_JNLE_JMP;
    }
    if (distance == 2 && i->op == ABML_OP_JNLT && j->op == ABML_OP_MOV && j[1].op == ABML_OP_MOV)
        return abml_is_int(b) ? ABML_OP_JNLT_VK_COPIES : ABML_OP_JNLT_COPIES;
    if (distance == 1 && j->op == ABML_OP_MOV && i->op == ABML_OP_JNLT)
        return abml_is_int(b) ? ABML_OP_JNLT_VK_COPY : ABML_OP_JNLT_COPY;
    if (distance == 1 && j->op == ABML_OP_MOV && i->op == ABML_OP_JNLE &&
        abml_is_int(abml_constant(registers, first, end, i->a)))
        return ABML_OP_JNLE_KV_COPY;
    if (i->op == ABML_OP_COUNT && j->op == ABML_OP_JNLE && (int16_t)j->c == 1 && j[1].op == ABML_OP_JMP)
        return ABML_OP_COUNT_JNLE_JMP;
    if (i->op == ABML_OP_ADD && j->op == ABML_OP_JMP && abml_is_int(abml_constant(registers, first, end, i->c)))
        return ABML_OP_ADD_INT_JMP;
    if (i->op == ABML_OP_MOV && j->op == ABML_OP_MOV) {
        if (j[1].op == ABML_OP_RET) return ABML_OP_MOV_MOV_RET;
        return j[1].op == ABML_OP_MOV ? ABML_OP_MOV_MOV_MOV : ABML_OP_MOV_MOV;
    }
    if (i->op == ABML_OP_TIMES && j->op == ABML_OP_MOV && abml_is_int(b)) return ABML_OP_TIMES_MOV;
    if (i->op == ABML_OP_MOV && j->op == ABML_OP_RET) return ABML_OP_MOV_RET;
    if (i->op == ABML_OP_CALLFLOW && j->op == ABML_OP_JMP && abml_long_distance(j) >= 0) return ABML_OP_CALLFLOW_JMP;
    if (i->op == ABML_OP_LOADV && j->op == ABML_OP_GETM && j[1].op == ABML_OP_PFIN && j->b == i->a && j[1].b == j->a)
        return ABML_OP_LOADV_FIELD;
    if (i->op == ABML_OP_SCOPE && j->op == ABML_OP_LOCALV) return ABML_OP_SCOPE_LOCALV;
    if (i->op == ABML_OP_UNSCOPE && j->op == ABML_OP_JMP) return ABML_OP_UNSCOPE_JMP;
    if (i->op == ABML_OP_JMP) {
        int64_t target = (int64_t)k + 1 + abml_long_distance(i);
        return target >= 0 && target < k && target < length && code[target].op == ABML_OP_COUNT ? ABML_OP_JMP_COUNT : 0;
    }
    if (i->op == ABML_OP_JEQ && j->op == ABML_OP_JEQ && i->a == j->a && abml_is_int(b) &&
        abml_is_symbol(abml_constant(registers, first, end, j->b)))
        return ABML_OP_JEQ_CASE;
    distance = abml_fused_pair(i, j);
    if (distance) return distance;
    return abml_with_int(i, abml_constant(registers, first, end, i->a), b, abml_constant(registers, first, end, i->c));
}

/* Write the fused form of `code` to `hot`; both have `length` instructions and a trap behind them.
 * Registers from `first` to `end` hold constants. */
static void abml_fuse(const abml_ins *code, abml_ins *hot, int32_t length, const abml_cell *registers, int32_t first,
                      int32_t end) {
    int32_t k;
    for (k = 0; k < length; k++) {
        hot[k] = code[k];
        if (k + 2 < length) {
            int fused = abml_fused(code, length, k, registers, first, end);
            if (fused) hot[k].op = (uint16_t)fused;
        }
    }
    hot[length] = code[length];
}

#endif
