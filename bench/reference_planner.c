/* A planner by hand in C, the yardstick of bench_planner.py: A* over 64-bit states with a
 * hash table and a binary heap, and over 12 doubles with compared and changed numbers.
 * Ties go to the newest entry. Built as a shared library. */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <time.h>

enum { KEYS = 12, MOST_ACTIONS = 32, MOST_NODES = 1 << 14, PLACES = 1 << 15, MOST_OPEN = 1 << 16 };

typedef struct {
    uint64_t need_mask, need, change_mask, change;
    int cost;
} operation;

static operation operations[MOST_ACTIONS];
static int operation_count;
static uint64_t goal_mask, goal;

void planner_setup(int count, const uint64_t *table, const int *costs, uint64_t wanted_mask, uint64_t wanted) {
    operation_count = count;
    for (int i = 0; i < count; i++)
        operations[i] = (operation){table[4 * i], table[4 * i + 1], table[4 * i + 2], table[4 * i + 3], costs[i]};
    goal_mask = wanted_mask;
    goal = wanted;
}

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ------------------------------------------------------------------- queue */

typedef struct {
    float f;
    uint32_t order;
    int32_t node;
} entry;

static entry open_list[MOST_OPEN];
static int open_count;
static uint32_t order;

static inline int before(entry a, entry b) { return a.f < b.f || (a.f == b.f && a.order > b.order); }

static inline void put(float f, int32_t node) {
    entry e = {f, order++, node};
    int at = open_count++;
    for (; at > 0 && before(e, open_list[(at - 1) / 2]); at = (at - 1) / 2) open_list[at] = open_list[(at - 1) / 2];
    open_list[at] = e;
}

static inline int32_t take(void) {
    int32_t result = open_list[0].node;
    entry e = open_list[--open_count];
    int at = 0;
    for (;;) {
        int below = 2 * at + 1;
        if (below >= open_count) break;
        if (below + 1 < open_count && before(open_list[below + 1], open_list[below])) below++;
        if (!before(open_list[below], e)) break;
        open_list[at] = open_list[below];
        at = below;
    }
    open_list[at] = e;
    return result;
}

/* -------------------------------------------------------------------- bits */

typedef struct {
    uint64_t state;
    float g;
    int32_t parent;
    int closed;
} node;

static node nodes[MOST_NODES];
static int node_count;
static int32_t places[PLACES];
static uint32_t stamps[PLACES], stamp;

static inline int32_t place_of(uint64_t state) {
    uint32_t at = (uint32_t)(state * 0x9e3779b97f4a7c15ULL >> 49);
    for (; stamps[at] == stamp; at = (at + 1) & (PLACES - 1))
        if (nodes[places[at]].state == state) return places[at];
    stamps[at] = stamp;
    places[at] = node_count;
    nodes[node_count] = (node){state, 1e30f, -1, 0};
    return node_count++;
}

static int solve_bits(uint64_t start, int *expanded) {
    stamp++;
    node_count = open_count = 0;
    order = 0;
    int32_t first = place_of(start);
    nodes[first].g = 0;
    put((float)__builtin_popcountll((start ^ goal) & goal_mask), first);
    while (open_count) {
        int32_t at = take();
        node *here = nodes + at;
        if (here->closed) continue;
        here->closed = 1;
        if ((here->state & goal_mask) == goal) return (int)here->g;
        ++*expanded;
        for (int i = 0; i < operation_count; i++) {
            const operation *o = operations + i;
            if ((here->state & o->need_mask) != o->need) continue;
            uint64_t state = (here->state & ~o->change_mask) | o->change;
            int32_t to = place_of(state);
            float g = here->g + (float)o->cost;
            if (nodes[to].closed || g >= nodes[to].g) continue;
            nodes[to].g = g;
            nodes[to].parent = at;
            put(g + (float)__builtin_popcountll((state ^ goal) & goal_mask), to);
        }
    }
    return -1;
}

/* Nanoseconds for a plan; adds up costs and expanded states. */
double planner_bits(const uint64_t *starts, int count, int rounds, int64_t *cost, int64_t *expanded) {
    int found = 0;
    *cost = 0;
    double begin = seconds();
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < count; i++) *cost += solve_bits(starts[i], &found);
    double taken = seconds() - begin;
    *expanded = found;
    return taken / rounds / count * 1e9;
}

/* ----------------------------------------------------------------- numbers */

typedef struct {
    double value[KEYS];
    float g;
    int32_t parent;
    int closed;
} world;

static world worlds[MOST_NODES];

/* Facts are 0 or 1; needs compare with at least 1 or at most 0, changes add or set. */
static inline int is_met(const double *value, uint64_t mask, uint64_t wanted) {
    for (; mask; mask &= mask - 1) {
        int key = __builtin_ctzll(mask);
        if (wanted >> key & 1 ? !(value[key] >= 1) : !(value[key] <= 0)) return 0;
    }
    return 1;
}

static inline int missing(const double *value) {
    int count = 0;
    for (uint64_t mask = goal_mask; mask; mask &= mask - 1) {
        int key = __builtin_ctzll(mask);
        count += goal >> key & 1 ? !(value[key] >= 1) : !(value[key] <= 0);
    }
    return count;
}

static inline int32_t place_of_world(const double *value) {
    uint64_t hash = 0, bits;
    for (int key = 0; key < KEYS; key++) {
        memcpy(&bits, value + key, sizeof bits);
        hash = (hash ^ bits) * 0x9e3779b97f4a7c15ULL;
        hash ^= hash >> 29;
    }
    uint32_t at = (uint32_t)(hash >> 49);
    for (; stamps[at] == stamp; at = (at + 1) & (PLACES - 1))
        if (!memcmp(worlds[places[at]].value, value, sizeof worlds[0].value)) return places[at];
    stamps[at] = stamp;
    places[at] = node_count;
    memcpy(worlds[node_count].value, value, sizeof worlds[0].value);
    worlds[node_count].g = 1e30f;
    worlds[node_count].closed = 0;
    return node_count++;
}

static int solve_numbers(const double *start, int *expanded) {
    stamp++;
    node_count = open_count = 0;
    order = 0;
    int32_t first = place_of_world(start);
    worlds[first].g = 0;
    put((float)missing(start), first);
    while (open_count) {
        int32_t at = take();
        world *here = worlds + at;
        if (here->closed) continue;
        here->closed = 1;
        if (!missing(here->value)) return (int)here->g;
        ++*expanded;
        for (int i = 0; i < operation_count; i++) {
            const operation *o = operations + i;
            if (!is_met(here->value, o->need_mask, o->need)) continue;
            double value[KEYS];
            memcpy(value, here->value, sizeof value);
            for (uint64_t mask = o->change_mask; mask; mask &= mask - 1) {
                int key = __builtin_ctzll(mask);
                /* What is needed and then used up is a change by -1; everything else sets. */
                int is_used = (o->need >> key & 1) && !(o->change >> key & 1);
                value[key] = is_used ? value[key] - 1 : (double)(o->change >> key & 1);
            }
            int32_t to = place_of_world(value);
            float g = here->g + (float)o->cost;
            if (worlds[to].closed || g >= worlds[to].g) continue;
            worlds[to].g = g;
            worlds[to].parent = at;
            put(g + (float)missing(value), to);
        }
    }
    return -1;
}

double planner_numbers(const double *starts, int count, int rounds, int64_t *cost, int64_t *expanded) {
    int found = 0;
    *cost = 0;
    double begin = seconds();
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < count; i++) *cost += solve_numbers(starts + (size_t)i * KEYS, &found);
    double taken = seconds() - begin;
    *expanded = found;
    return taken / rounds / count * 1e9;
}
