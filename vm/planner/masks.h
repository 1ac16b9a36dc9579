/* Search over worlds of at most 64 bits: every fact takes one of a few values, which are numbered.
 *
 * The bits of a state are read in bytes, and no fact crosses a byte. For each byte and each
 * of its values a table says which actions it allows and which would change it, a bit for
 * an action; the highest bit stands for the goal.
 */
#ifndef ABML_PLANNER_MASKS_H
#define ABML_PLANNER_MASKS_H

#include "nodes.h"

#define MASK_GOAL (1ULL << 63)
/* Up to so many bits the table of states is indexed by them. */
#define MASK_DIRECT_BITS 14

/* What the value of a byte means: actions that it allows, and actions that would change it. */
typedef struct {
    uint64_t allow, change;
} mask_value;

typedef struct {
    int bytes, bits;
    mask_value *value; /* [byte][value of it], and one byte more that allows everything */
    uint64_t keep[64], put[64];
    uint8_t moves_goal[64]; /* whether the action changes a fact that the goal asks for */
    int goals;
    uint8_t *shift, *mask; /* of the fact of each condition of the goal */
} mask_problem;

typedef struct {
    plan_node head;
    uint64_t state;
} mask_node;

/* `estimates`: for each condition of the goal what its fact's 256 values add; `costs`: of each action. */
typedef struct {
    const mask_problem *problem;
    const double *costs, *estimates;
} mask_search;

static inline mask_node *mask_at(const plan_run *run, uint32_t index) {
    return (mask_node *)(run->nodes + (size_t)index * sizeof(mask_node));
}

static inline double mask_estimate(const mask_search *search, const plan_run *run, uint64_t state) {
    const mask_problem *problem = search->problem;
    double total = 0;
    for (int c = 0; c < problem->goals; c++) {
        double one = search->estimates[c * 256 + (state >> problem->shift[c] & problem->mask[c])];
        if (run->heuristic == PLAN_SCALED)
            total = one > total ? one : total;
        else
            total += one;
    }
    /* An infinite estimate with the weight 0 is 0. */
    return run->weight == 0 ? 0 : run->weight * total;
}

static uint64_t mask_hash(const plan_run *run, uint32_t index) {
    return plan_mix(mask_at(run, index)->state);
}

/* Place of a state in the table; `*best` is its best known node or PLAN_NONE. */
static inline uint64_t *mask_find(plan_run *run, uint64_t state, uint32_t *best) {
    if (run->is_direct) {
        uint64_t *place = run->table + state;
        *best = (uint32_t)(*place >> 32) == run->stamp ? (uint32_t)*place : PLAN_NONE;
        return place;
    }
    uint64_t at = plan_mix(state) & (run->table_size - 1);
    while (run->table[at]) {
        uint32_t index = (uint32_t)run->table[at] - 1;
        if (mask_at(run, index)->state == state) {
            *best = index;
            return run->table + at;
        }
        at = (at + 1) & (run->table_size - 1);
    }
    *best = PLAN_NONE;
    return run->table + at;
}

static inline void mask_note(plan_run *run, uint64_t *place, uint32_t index, int is_new) {
    *place = run->is_direct ? (uint64_t)run->stamp << 32 | index : (uint64_t)index + 1;
    run->table_used += (uint32_t)is_new;
}

/* Actions that may be taken in a state and change it, with the goal's bit. */
static inline uint64_t mask_choices(const mask_problem *problem, uint64_t state) {
    uint64_t allowed = ~0ULL, changing = MASK_GOAL;
    for (int b = 0; b < problem->bytes; b++) {
        const mask_value *value = problem->value + b * 256 + (state >> (8 * b) & 255);
        allowed &= value->allow;
        changing |= value->change;
    }
    return allowed & changing;
}

/* The first node; 0 without memory. */
static int mask_start(const mask_search *search, plan_run *run, uint64_t start) {
    uint32_t direct = search->problem->bits <= MASK_DIRECT_BITS ? 1u << search->problem->bits : 0;
    plan_run_start(run, sizeof(mask_node));
    if (!plan_table_start(run, direct ? PLAN_DIRECT : PLAN_HASHED, direct) || !plan_queue_start(run, 0, 0, 0)) return 0;
    if (!plan_reserve(run, 1)) return 0;
    mask_node *node = mask_at(run, 0);
    node->head = (plan_node){0, 0, PLAN_NONE, 0, 0, PLAN_NONE};
    node->state = start;
    node->head.h = run->heuristic == PLAN_ZERO ? 0 : mask_estimate(search, run, start);
    run->count = 1;
    uint32_t best;
    uint64_t *place = mask_find(run, start, &best);
    mask_note(run, place, 0, 1);
    return plan_push(run, 0);
}

/* Goes on for at most `pops` pops; PLAN_RUNNING when there is more to do. */
static int mask_step(const mask_search *search, plan_run *run, int pops) {
    const mask_problem *problem = search->problem;
    for (;;) {
        if (plan_is_empty(run)) return PLAN_EXHAUSTED;
        if (run->expanded >= run->max_nodes) return PLAN_NODE_LIMIT;
        if (pops-- == 0) return PLAN_RUNNING;
        uint32_t index = plan_pop(run), best;
        uint64_t state = mask_at(run, index)->state;
        plan_node here = mask_at(run, index)->head;
        if (here.depth == PLAN_STALE) continue;
        run->expanded++;
        double distance = run->heuristic == PLAN_ZERO ? mask_estimate(search, run, state) : here.h;
        if (distance < run->best_distance || run->nearest == PLAN_NONE) {
            run->best_distance = distance;
            run->best_h = here.h;
            run->nearest = index;
        }
        uint64_t choices = mask_choices(problem, state);
        if (choices & MASK_GOAL) {
            run->goal = index;
            return PLAN_FOUND;
        }
        if (here.depth >= run->max_depth) {
            run->was_cut = 1;
            continue;
        }
        if (!plan_reserve(run, 64)) return PLAN_NO_MEMORY;
        while (!run->is_direct && (uint64_t)(run->table_used + 64) * 2 > run->table_size)
            if (!plan_table_grow(run, mask_hash)) return PLAN_NO_MEMORY;
        while (choices) {
            uint32_t action = (uint32_t)__builtin_ctzll(choices);
            choices &= choices - 1;
            uint64_t after = (state & problem->keep[action]) | problem->put[action];
            double g = here.g + search->costs[action];
            uint64_t *place = mask_find(run, after, &best);
            if (best != PLAN_NONE && !(g < mask_at(run, best)->head.g)) continue;
            if (run->forbid_repeats && plan_repeats(run, index, action)) continue;
            uint32_t made = run->count++;
            mask_node *node = mask_at(run, made);
            node->head.g = g;
            node->head.h = here.h;
            node->head.parent = index;
            node->head.depth = here.depth + 1;
            node->head.action = action;
            node->state = after;
            if (problem->moves_goal[action] && run->heuristic != PLAN_ZERO)
                node->head.h = mask_estimate(search, run, after);
            mask_note(run, place, made, best == PLAN_NONE);
            if (best != PLAN_NONE) plan_at(run, best)->depth = PLAN_STALE;
            if (!plan_push(run, made)) return PLAN_NO_MEMORY;
        }
    }
}

#endif
