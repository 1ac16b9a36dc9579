/* Derived from compiler/bytecode/opcodes.py by `make gen`; do not edit. */
#ifndef ABML_OPCODES_H
#define ABML_OPCODES_H
#define ABML_OP_NOP 0
#define ABML_OP_MOV 1
#define ABML_OP_LOADK 2
#define ABML_OP_ADD 3
#define ABML_OP_SUB 4
#define ABML_OP_MUL 5
#define ABML_OP_DIV 6
#define ABML_OP_MOD 7
#define ABML_OP_NEG 8
#define ABML_OP_INC 9
#define ABML_OP_DEC 10
#define ABML_OP_MIN 11
#define ABML_OP_MAX 12
#define ABML_OP_EQ 13
#define ABML_OP_NE 14
#define ABML_OP_LT 15
#define ABML_OP_LE 16
#define ABML_OP_IN 17
#define ABML_OP_NOT 18
#define ABML_OP_BOOL 19
#define ABML_OP_JMP 20
#define ABML_OP_JT 21
#define ABML_OP_JF 22
#define ABML_OP_JNULL 23
#define ABML_OP_JNOTNULL 24
#define ABML_OP_JTRUE 25
#define ABML_OP_JLT 26
#define ABML_OP_JNLT 27
#define ABML_OP_JLE 28
#define ABML_OP_JNLE 29
#define ABML_OP_JEQ 30
#define ABML_OP_JNE 31
#define ABML_OP_GETM 32
#define ABML_OP_GETI 33
#define ABML_OP_PFIN 34
#define ABML_OP_LIST 35
#define ABML_OP_APPEND 36
#define ABML_OP_MAP 37
#define ABML_OP_PUT 38
#define ABML_OP_TEXT 39
#define ABML_OP_TBNEW 40
#define ABML_OP_TBADD 41
#define ABML_OP_TBEND 42
#define ABML_OP_ARG 43
#define ABML_OP_ARG2 44
#define ABML_OP_ARG3 45
#define ABML_OP_CALLF 46
#define ABML_OP_CALLH 47
#define ABML_OP_FRET 48
#define ABML_OP_ITER 49
#define ABML_OP_ITERL 50
#define ABML_OP_NEXT 51
#define ABML_OP_INDEX 52
#define ABML_OP_TIMES 53
#define ABML_OP_COUNT 54
#define ABML_OP_SCOPE 55
#define ABML_OP_UNSCOPE 56
#define ABML_OP_LOADV 57
#define ABML_OP_LOADL 58
#define ABML_OP_LOADD 59
#define ABML_OP_SETV 60
#define ABML_OP_SETL 61
#define ABML_OP_LOCALV 62
#define ABML_OP_GLOBALV 63
#define ABML_OP_CLEARV 64
#define ABML_OP_JBOUND 65
#define ABML_OP_JGIVEN 66
#define ABML_OP_LAZY 67
#define ABML_OP_STORE 68
#define ABML_OP_CONVERT 69
#define ABML_OP_CALLFLOW 70
#define ABML_OP_GOTO 71
#define ABML_OP_RET 72
#define ABML_OP_RESUME 73
#define ABML_OP_RAISE 74
#define ABML_OP_LOG 75
#define ABML_OP_WARN 76
#define ABML_OP_INTENT 77
#define ABML_OP_INTENTX 78
#define ABML_OP_ACT 79
#define ABML_OP_EMIT 80
#define ABML_OP_WAITFOR 81
#define ABML_OP_DEADLINE 82
#define ABML_OP_JPAST 83
#define ABML_OP_YIELD 84
#define ABML_OP_CONT 85
#define ABML_OP_SYNC 86
#define ABML_OP_PARALLEL 87
#define ABML_OP_AUTO 88
#define ABML_OPCODE_COUNT 89
#define ABML_OPCODE_LIST(X) \
    X(NOP) \
    X(MOV) \
    X(LOADK) \
    X(ADD) \
    X(SUB) \
    X(MUL) \
    X(DIV) \
    X(MOD) \
    X(NEG) \
    X(INC) \
    X(DEC) \
    X(MIN) \
    X(MAX) \
    X(EQ) \
    X(NE) \
    X(LT) \
    X(LE) \
    X(IN) \
    X(NOT) \
    X(BOOL) \
    X(JMP) \
    X(JT) \
    X(JF) \
    X(JNULL) \
    X(JNOTNULL) \
    X(JTRUE) \
    X(JLT) \
    X(JNLT) \
    X(JLE) \
    X(JNLE) \
    X(JEQ) \
    X(JNE) \
    X(GETM) \
    X(GETI) \
    X(PFIN) \
    X(LIST) \
    X(APPEND) \
    X(MAP) \
    X(PUT) \
    X(TEXT) \
    X(TBNEW) \
    X(TBADD) \
    X(TBEND) \
    X(ARG) \
    X(ARG2) \
    X(ARG3) \
    X(CALLF) \
    X(CALLH) \
    X(FRET) \
    X(ITER) \
    X(ITERL) \
    X(NEXT) \
    X(INDEX) \
    X(TIMES) \
    X(COUNT) \
    X(SCOPE) \
    X(UNSCOPE) \
    X(LOADV) \
    X(LOADL) \
    X(LOADD) \
    X(SETV) \
    X(SETL) \
    X(LOCALV) \
    X(GLOBALV) \
    X(CLEARV) \
    X(JBOUND) \
    X(JGIVEN) \
    X(LAZY) \
    X(STORE) \
    X(CONVERT) \
    X(CALLFLOW) \
    X(GOTO) \
    X(RET) \
    X(RESUME) \
    X(RAISE) \
    X(LOG) \
    X(WARN) \
    X(INTENT) \
    X(INTENTX) \
    X(ACT) \
    X(EMIT) \
    X(WAITFOR) \
    X(DEADLINE) \
    X(JPAST) \
    X(YIELD) \
    X(CONT) \
    X(SYNC) \
    X(PARALLEL) \
    X(AUTO)
#endif
