/* Cells: one 64-bit word per value.
 *
 * A double stands as it is. Everything else lives in the negative NaNs that no
 * arithmetic produces: the top 16 bits are a tag, the rest is the payload.
 * NaNs that come from outside are made canonical at the border, so a computed
 * NaN never looks like a tag.
 */
#ifndef ABML_CELLS_H
#define ABML_CELLS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef uint64_t abml_cell;

#define ABML_TAG_SPECIAL 0xFFF9u
#define ABML_TAG_INT 0xFFFAu
#define ABML_TAG_SYMBOL 0xFFFBu
#define ABML_TAG_HEAP 0xFFFCu

#define ABML_BASE_SPECIAL 0xFFF9000000000000ull
#define ABML_BASE_INT 0xFFFA000000000000ull
#define ABML_BASE_SYMBOL 0xFFFB000000000000ull
#define ABML_BASE_HEAP 0xFFFC000000000000ull
#define ABML_PAYLOAD 0x0000FFFFFFFFFFFFull

#define ABML_NULL (ABML_BASE_SPECIAL)
#define ABML_FALSE (ABML_BASE_SPECIAL + 1)
#define ABML_TRUE (ABML_BASE_SPECIAL + 2)
#define ABML_UNBOUND (ABML_BASE_SPECIAL + 3)
#define ABML_LAZY (ABML_BASE_SPECIAL + 4)
/* The empty text is interned first, so that truth needs no look at a symbol's text. */
#define ABML_EMPTY_TEXT (ABML_BASE_SYMBOL)

#define ABML_CANONICAL_NAN 0x7FF8000000000000ull

#define ABML_INT_MAX48 ((int64_t)0x00007FFFFFFFFFFFll)
#define ABML_INT_MIN48 (-ABML_INT_MAX48 - 1)

#if defined(__GNUC__) || defined(__clang__)
#define ABML_LIKELY(x) __builtin_expect(!!(x), 1)
#define ABML_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define ABML_NOINLINE __attribute__((noinline))
/* Behind a label. */
#define ABML_MAYBE_UNUSED __attribute__((unused));
#define ABML_COLD __attribute__((noinline, cold))
#else
#define ABML_LIKELY(x) (x)
#define ABML_UNLIKELY(x) (x)
#define ABML_NOINLINE
#define ABML_MAYBE_UNUSED ;
#define ABML_COLD
#endif

static inline uint32_t abml_tag(abml_cell v) { return (uint32_t)(v >> 48); }
static inline int abml_is_double(abml_cell v) { return v < ABML_BASE_SPECIAL; }
static inline int abml_is_int(abml_cell v) { return abml_tag(v) == ABML_TAG_INT; }
static inline int abml_is_heap(abml_cell v) { return abml_tag(v) == ABML_TAG_HEAP; }
static inline int abml_is_symbol(abml_cell v) { return abml_tag(v) == ABML_TAG_SYMBOL; }
/* Unbound or lazy: reading needs more than the cell. */
static inline int abml_is_open(abml_cell v) { return v == ABML_UNBOUND || v == ABML_LAZY; }

static inline double abml_to_double(abml_cell v) {
    double d;
    memcpy(&d, &v, sizeof d);
    return d;
}

/* The double must be a number or a NaN that arithmetic made of canonical ones. */
static inline abml_cell abml_raw_double(double d) {
    abml_cell v;
    memcpy(&v, &d, sizeof v);
    return v;
}

/* For doubles from outside: any NaN becomes the canonical one. */
static inline abml_cell abml_from_double(double d) { return d == d ? abml_raw_double(d) : ABML_CANONICAL_NAN; }

static inline int64_t abml_to_int(abml_cell v) { return (int64_t)(v << 16) >> 16; }
static inline int abml_fits_int48(int64_t i) { return i >= ABML_INT_MIN48 && i <= ABML_INT_MAX48; }
static inline abml_cell abml_from_int48(int64_t i) { return ABML_BASE_INT | ((uint64_t)i & ABML_PAYLOAD); }
static inline abml_cell abml_from_bool(int b) { return b ? ABML_TRUE : ABML_FALSE; }
static inline abml_cell abml_from_symbol(uint32_t i) { return ABML_BASE_SYMBOL | i; }
static inline abml_cell abml_from_handle(uint32_t i) { return ABML_BASE_HEAP | i; }
static inline uint32_t abml_payload32(abml_cell v) { return (uint32_t)v; }

static inline int abml_is_number(abml_cell v) { return abml_is_double(v) || abml_is_int(v); }
/* For cells that are numbers. */
static inline double abml_number(abml_cell v) { return abml_is_double(v) ? abml_to_double(v) : (double)abml_to_int(v); }

#endif
