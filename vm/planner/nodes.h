/* What every search of the planner needs: nodes in one growing block, and the queue of open ones.
 *
 * A push always makes a node, so the number of a node is its place in the order of
 * insertion, and nothing is allocated for a single node. The queue gives the least
 * (f, h, depth, number). It is a binary heap; where every f and h is a small whole
 * number it is an array of lists instead, with a bit for each list that is not empty.
 */
#ifndef ABML_PLANNER_NODES_H
#define ABML_PLANNER_NODES_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* More memory than this in nodes ends a search like the limit of nodes does. */
#define PLAN_MOST_BYTES ((size_t)256 << 20)
#define PLAN_NONE UINT32_MAX
#define PLAN_STALE UINT32_MAX
/* Most lists of the bucket queue. */
#define PLAN_BUCKETS 65536

enum { PLAN_RUNNING, PLAN_FOUND, PLAN_EXHAUSTED, PLAN_NODE_LIMIT, PLAN_NO_MEMORY };
enum { PLAN_DISTANCE_SUM, PLAN_SCALED, PLAN_ZERO };
enum { PLAN_HASHED, PLAN_DIRECT, PLAN_WHOLE };

typedef struct {
    double g, h;
    uint32_t parent; /* PLAN_NONE for the start */
    uint32_t depth;  /* PLAN_STALE when a better way to the state was found */
    uint32_t action;
    uint32_t next; /* in the list of its bucket */
} plan_node;

/* The node of whole.h: a small state is its own number, and everything else is small and whole. */
typedef struct {
    uint32_t from; /* node of the parent, and behind it 8 bits of the action */
    uint32_t next;
    uint64_t rest; /* 16 bits each, from the lowest: state, g, h, depth */
} plan_whole_node;

/* What a plan is read from, in either form. */
typedef struct {
    double g;
    uint32_t parent, depth, action;
} plan_step;

#define PLAN_WHOLE_NONE 0xffffffu

/* First and last node of a list. */
typedef struct {
    uint32_t first, last;
} plan_list;

/* Bits of doubles that are not negative are ordered as the doubles are. */
typedef struct {
    uint64_t f, h, order;
} plan_entry;

typedef struct {
    /* Limits and choices. */
    int64_t max_nodes;
    uint32_t max_depth;
    int heuristic;
    int forbid_repeats;
    double weight;
    /* Nodes: `stride` bytes each, beginning with a plan_node. */
    char *nodes;
    size_t stride, bytes;
    uint32_t count, room;
    /* Heap. */
    plan_entry *heap;
    uint32_t heap_count, heap_room;
    /* Buckets: list of (f, h, depth); h_count is 0 when the heap is used. */
    plan_list *lists;
    uint64_t *filled;
    uint32_t bucket_room, h_count, f_count, words, lowest;
    /* Best known node of each state: open addressing, or direct by state with stamps. Of whole.h the best g. */
    uint64_t *table;
    uint32_t table_room, table_size, table_used;
    uint32_t stamp;
    int is_direct; /* how entries look: PLAN_HASHED, PLAN_DIRECT or PLAN_WHOLE */
    /* A state under construction, where a form has one. */
    char *scratch;
    size_t scratch_size;
    /* Outcome. */
    int64_t expanded;
    double best_h, best_distance;
    uint32_t nearest, goal;
    int was_cut;
} plan_run;

static inline plan_node *plan_at(const plan_run *run, uint32_t index) {
    return (plan_node *)(run->nodes + (size_t)index * run->stride);
}

static inline plan_step plan_step_at(const plan_run *run, uint32_t index) {
    if (run->is_direct == PLAN_WHOLE) {
        plan_whole_node node = ((const plan_whole_node *)run->nodes)[index];
        uint32_t parent = node.from >> 8;
        return (plan_step){(double)(node.rest >> 16 & 0xffff), parent == PLAN_WHOLE_NONE ? PLAN_NONE : parent,
                           (uint32_t)(node.rest >> 48), node.from & 255};
    }
    const plan_node *node = plan_at(run, index);
    return (plan_step){node->g, node->parent, node->depth, node->action};
}

static inline uint64_t plan_bits(double value) {
    uint64_t bits;
    /* -0.0 would come last of all. */
    value += 0.0;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline uint64_t plan_mix(uint64_t x) {
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93ULL;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93ULL;
    x ^= x >> 32;
    return x;
}

static void plan_free(plan_run *run) {
    free(run->nodes);
    free(run->heap);
    free(run->lists);
    free(run->filled);
    free(run->table);
    free(run->scratch);
    memset(run, 0, sizeof *run);
}

/* Room for `more` further nodes; 0 when there is none. */
static int plan_reserve(plan_run *run, uint32_t more) {
    if (run->room - run->count >= more) return 1;
    uint64_t wanted = (uint64_t)run->room * 2;
    if (wanted < (uint64_t)run->count + more) wanted = (uint64_t)run->count + more;
    if (wanted < 256) wanted = 256;
    if (wanted * run->stride > PLAN_MOST_BYTES) {
        wanted = PLAN_MOST_BYTES / run->stride;
        if (wanted < (uint64_t)run->count + more) return 0;
    }
    if (wanted * run->stride > run->bytes) {
        char *grown = realloc(run->nodes, wanted * run->stride);
        if (grown == NULL) return 0;
        run->nodes = grown;
        run->bytes = wanted * run->stride;
    }
    run->room = (uint32_t)wanted;
    return 1;
}

/* ------------------------------------------------------------------- queue */

static inline int plan_before(const plan_entry *a, const plan_entry *b) {
    if (a->f != b->f) return a->f < b->f;
    if (a->h != b->h) return a->h < b->h;
    return a->order < b->order;
}

static int plan_heap_push(plan_run *run, plan_entry entry) {
    if (run->heap_count == run->heap_room) {
        uint32_t room = run->heap_room ? run->heap_room * 2 : 256;
        plan_entry *grown = realloc(run->heap, (size_t)room * sizeof *grown);
        if (grown == NULL) return 0;
        run->heap = grown;
        run->heap_room = room;
    }
    plan_entry *heap = run->heap;
    uint32_t at = run->heap_count++;
    while (at > 0) {
        uint32_t above = (at - 1) >> 1;
        if (!plan_before(&entry, heap + above)) break;
        heap[at] = heap[above];
        at = above;
    }
    heap[at] = entry;
    return 1;
}

static uint32_t plan_heap_pop(plan_run *run) {
    plan_entry *heap = run->heap;
    uint32_t found = (uint32_t)heap[0].order;
    uint32_t count = --run->heap_count, at = 0;
    plan_entry entry = heap[count];
    for (;;) {
        uint32_t below = 2 * at + 1;
        if (below >= count) break;
        if (below + 1 < count && plan_before(heap + below + 1, heap + below)) below++;
        if (!plan_before(heap + below, &entry)) break;
        heap[at] = heap[below];
        at = below;
    }
    heap[at] = entry;
    return found;
}

/* Use lists when the lists for f <= most_f and h <= most_h are few; 0 without memory. With `is_whole` every f
 * and h is promised to be a whole number within these bounds; plan_push_checked keeps the promise itself. */
static int plan_queue_start(plan_run *run, int is_whole, double most_f, double most_h) {
    run->heap_count = 0;
    run->h_count = 0;
    double lists = (most_f + 1) * (most_h + 1) * ((double)run->max_depth + 1);
    if (!is_whole || !(lists <= PLAN_BUCKETS)) return 1;
    uint32_t count = (uint32_t)lists;
    if (count > run->bucket_room) {
        uint32_t room = (count + 63) & ~63u;
        plan_list *made = malloc(room * sizeof *made);
        uint64_t *filled = malloc(room / 64 * sizeof *filled);
        if (made == NULL || filled == NULL) {
            free(made);
            free(filled);
            return 0;
        }
        free(run->lists);
        free(run->filled);
        run->lists = made;
        run->filled = filled;
        run->bucket_room = room;
    }
    run->h_count = (uint32_t)most_h + 1;
    run->f_count = (uint32_t)most_f + 1;
    run->words = (count + 63) / 64;
    run->lowest = run->words;
    memset(run->filled, 0, run->words * sizeof *run->filled);
    return 1;
}

/* Appends a node to a list. `behind` is the address of `next` in the last node, were the list filled; which it is
 * nobody can guess, so that there is no branch. */
static inline void plan_append(plan_list *list, uint64_t *filled, uint32_t bit, uintptr_t behind, uint32_t index) {
    uint64_t is_filled = 0 - (*filled >> bit & 1);
    *(uint32_t *)((behind & is_filled) | ((uintptr_t)&list->first & ~is_filled)) = index;
    *filled |= 1ULL << bit;
    list->last = index;
}

/* Takes the first node off a list, which is followed by `next`. */
static inline void plan_take(plan_list *list, uint64_t *filled, uint32_t bit, uint32_t next) {
    list->first = next;
    *filled ^= (uint64_t)(next == PLAN_NONE) << bit;
}

static inline void plan_push_listed(plan_run *run, uint32_t index, uint32_t f, uint32_t h) {
    plan_node *node = plan_at(run, index);
    uint32_t place = (f * run->h_count + h) * (run->max_depth + 1) + node->depth, word = place >> 6;
    node->next = PLAN_NONE;
    plan_list *list = run->lists + place;
    uintptr_t behind = (uintptr_t)run->nodes + (uintptr_t)list->last * run->stride + offsetof(plan_node, next);
    plan_append(list, run->filled + word, place & 63, behind, index);
    if (word < run->lowest) run->lowest = word;
}

static inline int plan_push(plan_run *run, uint32_t index) {
    plan_node *node = plan_at(run, index);
    if (!run->h_count) {
        plan_entry entry = {plan_bits(node->g + node->h), plan_bits(node->h), (uint64_t)node->depth << 32 | index};
        return plan_heap_push(run, entry);
    }
    uint32_t h = (uint32_t)node->h;
    plan_push_listed(run, index, (uint32_t)node->g + h, h);
    return 1;
}

/* Lists for costs that are whole and estimates that nobody bounded: most are not far above the first. */
static int plan_cautious_queue_start(plan_run *run, int is_whole, double dearest, double first_h) {
    double most_h = first_h + 2;
    is_whole = is_whole && first_h == floor(first_h) && most_h < 64;
    return plan_queue_start(run, is_whole, dearest * run->max_depth + most_h, most_h);
}

/* Moves every open node from the lists to the heap; 0 without memory. */
static int plan_queue_widen(plan_run *run) {
    run->h_count = 0;
    for (uint32_t word = run->lowest; word < run->words; word++) {
        for (uint64_t bits = run->filled[word]; bits; bits &= bits - 1) {
            uint32_t index = run->lists[word * 64 + (uint32_t)__builtin_ctzll(bits)].first;
            for (; index != PLAN_NONE; index = plan_at(run, index)->next)
                if (!plan_push(run, index)) return 0;
        }
    }
    return 1;
}

/* As plan_push, for estimates that nobody bounded: the first one that no list fits turns the lists into a heap. */
static inline int plan_push_checked(plan_run *run, uint32_t index) {
    if (run->h_count) {
        double h = plan_at(run, index)->h, f = plan_at(run, index)->g + h;
        if (f < run->f_count && h < run->h_count && f == (double)(uint32_t)f && h == (double)(uint32_t)h) {
            plan_push_listed(run, index, (uint32_t)f, (uint32_t)h);
            return 1;
        }
        if (!plan_queue_widen(run)) return 0;
    }
    return plan_push(run, index);
}

/* The next node, PLAN_NONE when there is none. */
static inline uint32_t plan_pop(plan_run *run) {
    if (!run->h_count) return run->heap_count ? plan_heap_pop(run) : PLAN_NONE;
    uint32_t word = run->lowest;
    while (word < run->words && !run->filled[word]) word++;
    run->lowest = word;
    if (word == run->words) return PLAN_NONE;
    uint32_t bit = (uint32_t)__builtin_ctzll(run->filled[word]);
    plan_list *list = run->lists + word * 64 + bit;
    uint32_t index = list->first;
    plan_take(list, run->filled + word, bit, plan_at(run, index)->next);
    return index;
}

static inline int plan_is_empty(plan_run *run) {
    if (!run->h_count) return run->heap_count == 0;
    while (run->lowest < run->words && !run->filled[run->lowest]) run->lowest++;
    return run->lowest == run->words;
}

/* ------------------------------------------------------------------- table */

/* An empty table; `states` is their number when they index it. Returns 0 without memory. */
static int plan_table_start(plan_run *run, int form, uint32_t states) {
    uint32_t size = form == PLAN_HASHED ? 1024 : form == PLAN_WHOLE ? (states + 3) / 4 : states;
    run->table_used = 0;
    int was = run->is_direct;
    run->is_direct = form;
    if (size > run->table_room) {
        free(run->table);
        run->table = calloc(size, sizeof *run->table);
        run->table_room = run->table ? size : 0;
        if (run->table == NULL) return 0;
        run->stamp = 0;
    } else if (form == PLAN_HASHED) {
        memset(run->table, 0, size * sizeof *run->table);
    } else if (form == PLAN_DIRECT && (was != form || run->stamp == UINT32_MAX)) {
        memset(run->table, 0, run->table_room * sizeof *run->table);
        run->stamp = 0;
    }
    /* No cost is known of any state. */
    if (form == PLAN_WHOLE) memset(run->table, 255, size * sizeof *run->table);
    run->table_size = size;
    run->stamp++;
    return 1;
}

/* A hashed table twice as large; 0 without memory. The lower half of an entry is the number of a node plus 1. */
static int plan_table_grow(plan_run *run, uint64_t (*hash_at)(const plan_run *run, uint32_t index)) {
    uint32_t size = run->table_size * 2;
    uint64_t *grown = calloc(size, sizeof *grown);
    if (grown == NULL) return 0;
    for (uint32_t i = 0; i < run->table_size; i++) {
        uint64_t entry = run->table[i];
        if (!entry) continue;
        uint64_t at = hash_at(run, (uint32_t)entry - 1) & (size - 1);
        while (grown[at]) at = (at + 1) & (size - 1);
        grown[at] = entry;
    }
    free(run->table);
    run->table = grown;
    run->table_size = run->table_room = size;
    return 1;
}

/* Whether the action is on the way to the node. */
static inline int plan_repeats(const plan_run *run, uint32_t index, uint32_t action) {
    plan_step step = plan_step_at(run, index);
    while (step.parent != PLAN_NONE) {
        if (step.action == action) return 1;
        step = plan_step_at(run, step.parent);
    }
    return 0;
}

/* Fields of every new search. */
static inline void plan_run_start(plan_run *run, size_t stride) {
    if (stride != run->stride) {
        run->stride = stride;
        run->room = (uint32_t)(run->bytes / stride < UINT32_MAX ? run->bytes / stride : UINT32_MAX);
    }
    run->count = 0;
    run->expanded = 0;
    run->best_h = run->best_distance = INFINITY;
    run->nearest = run->goal = PLAN_NONE;
    run->was_cut = 0;
}

#endif
