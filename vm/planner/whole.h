/* The common case of masks.h made fast: few bits, and whole numbers for all costs and estimates.
 *
 * Everything a search touches stays in the nearest cache: a node is 16 bytes, and the table
 * has the least g of each state in 16 bits, which tells as well whether a node is stale:
 * no two nodes of a state have one g.
 */
#ifndef ABML_PLANNER_WHOLE_H
#define ABML_PLANNER_WHOLE_H

#include "masks.h"

#define WHOLE_MOST_NODES (PLAN_WHOLE_NONE - 64)
/* In the table the g of a state that was not met; no g reaches it. */
#define WHOLE_UNMET UINT16_MAX

/* The place of an action that is never worth taking; there are at most 63 others. */
#define WHOLE_NO_WAY 63

typedef struct {
    uint16_t keep, put, cost;
} whole_way;

/* An action that the loop over choices has come to: noted behind `betters`, and counted when it is a better way. */
#define WHOLE_SORT                                                                  \
    do {                                                                            \
        uint32_t action = (uint32_t)__builtin_ctzll(choices | 1ULL << WHOLE_NO_WAY); \
        uint32_t state = (here_state & ways[action].keep) | ways[action].put;       \
        uint32_t g = here_g + ways[action].cost;                                    \
        better[betters] = (uint64_t)g << 32 | action << 16 | state;                 \
        betters += least[state] > g;                                                \
        choices &= choices - 1;                                                     \
    } while (0)

/* As mask_step, for nodes of plan_whole_node. Branches that would be guessed wrong are arithmetic here. */
static int whole_step(const mask_search *search, plan_run *run, const whole_way *ways, const uint16_t *estimates, int pops) {
    const mask_value *const low = search->problem->value, *const high = low + 256;
    const int is_scaled = run->heuristic == PLAN_SCALED, has_estimate = run->heuristic != PLAN_ZERO;
    const int forbid_repeats = run->forbid_repeats;
    const uint32_t per_h = run->max_depth + 1, per_f = per_h * run->h_count, max_depth = run->max_depth;
    uint16_t *const least = (uint16_t *)run->table;
    uint64_t *const filled = run->filled;
    plan_list *const lists = run->lists;
    plan_whole_node *nodes = (plan_whole_node *)run->nodes;
    uint32_t count = run->count, lowest = run->lowest;
    int status;
    for (;;) {
        while (lowest < run->words && !filled[lowest]) lowest++;
        status = PLAN_EXHAUSTED;
        if (lowest == run->words) break;
        status = PLAN_NODE_LIMIT;
        if (run->expanded >= run->max_nodes) break;
        status = PLAN_RUNNING;
        if (pops-- == 0) break;
        uint32_t bit = (uint32_t)__builtin_ctzll(filled[lowest]), index = lists[lowest * 64 + bit].first;
        const uint64_t here = nodes[index].rest;
        plan_take(lists + lowest * 64 + bit, filled + lowest, bit, nodes[index].next);
        const uint32_t here_state = here & 0xffff, here_g = here >> 16 & 0xffff, here_h = here >> 32 & 0xffff;
        if (least[here_state] != here_g) continue;
        run->expanded++;
        double distance = has_estimate ? here_h : mask_estimate(search, run, here_state);
        if (distance < run->best_distance || run->nearest == PLAN_NONE) {
            run->best_distance = distance;
            run->best_h = here_h;
            run->nearest = index;
        }
        const mask_value *left = high + (here_state >> 8), *right = low + (here_state & 255);
        uint64_t choices = left->allow & right->allow & (left->change | right->change | MASK_GOAL);
        if (choices & MASK_GOAL) {
            run->goal = index;
            status = PLAN_FOUND;
            break;
        }
        uint32_t depth = (uint32_t)(here >> 48) + 1;
        if (depth > max_depth) {
            run->was_cut = 1;
            continue;
        }
        if (run->room - count < 64) {
            run->count = count;
            status = PLAN_NO_MEMORY;
            if (count >= WHOLE_MOST_NODES || !plan_reserve(run, 64)) break;
            nodes = (plan_whole_node *)run->nodes;
        }
        /* Two of three ways are refused, and which is a coin toss. */
        uint64_t better[68];
        uint32_t betters = 0;
        while (choices) {
            WHOLE_SORT;
            WHOLE_SORT;
            WHOLE_SORT;
            WHOLE_SORT;
        }
        for (uint32_t i = 0; i < betters; i++) {
            uint32_t state = better[i] & 0xffff, action = better[i] >> 16 & 0xffff, g = (uint32_t)(better[i] >> 32);
            /* An action before may have led there too. */
            if (least[state] <= g) continue;
            if (forbid_repeats && plan_repeats(run, index, action)) continue;
            uint32_t one = estimates[state & 255], other = estimates[256 + (state >> 8)];
            uint32_t h = !is_scaled ? one + other : one > other ? one : other;
            nodes[count].from = index << 8 | action;
            nodes[count].next = PLAN_NONE;
            nodes[count].rest = (uint64_t)(depth << 16 | h) << 32 | g << 16 | state;
            least[state] = (uint16_t)g;
            uint32_t place = (g + h) * per_f + h * per_h + depth, word = place >> 6;
            uintptr_t behind = (uintptr_t)nodes + (uintptr_t)lists[place].last * sizeof *nodes + offsetof(plan_whole_node, next);
            plan_append(lists + place, filled + word, place & 63, behind, count++);
            lowest = word < lowest ? word : lowest;
        }
    }
    run->count = count;
    run->lowest = lowest;
    return status;
}

/* The first node; call when every cost and every estimate is a whole number and the bits index the table.
 * Returns -1 when the lists would be too many, 0 without memory. */
static int whole_start(const mask_search *search, plan_run *run, uint64_t start, double most_f, double most_h) {
    if (!(most_f < WHOLE_UNMET)) return -1;
    plan_run_start(run, sizeof(plan_whole_node));
    if (!plan_table_start(run, PLAN_WHOLE, 1u << search->problem->bits) || !plan_queue_start(run, 1, most_f, most_h)) return 0;
    if (!run->h_count) return -1;
    if (!plan_reserve(run, 1)) return 0;
    uint32_t h = run->heuristic == PLAN_ZERO ? 0 : (uint32_t)mask_estimate(search, run, start);
    plan_whole_node *node = (plan_whole_node *)run->nodes;
    *node = (plan_whole_node){PLAN_WHOLE_NONE << 8, PLAN_NONE, (uint64_t)h << 32 | start};
    ((uint16_t *)run->table)[start] = 0;
    run->count = 1;
    uint32_t place = (h * run->h_count + h) * (run->max_depth + 1);
    run->lowest = place >> 6;
    run->filled[run->lowest] = 1ULL << (place & 63);
    run->lists[place] = (plan_list){0, 0};
    return 1;
}

#endif
