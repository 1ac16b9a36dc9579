/* The common case of masks.h made fast: few bits, and whole numbers for all costs and estimates.
 *
 * The table of states holds g beside the node, so that a way that is no better is refused
 * without a look at the node: an entry is a stamp of 16 bits, g and a node of 24 bits each.
 */
#ifndef ABML_PLANNER_WHOLE_H
#define ABML_PLANNER_WHOLE_H

#include "masks.h"

#define WHOLE_MOST_NODES ((1u << 24) - 64)

/* As mask_step, with the queue of lists and the direct table; the nodes are those of masks.h. */
static int whole_step(const mask_search *search, plan_run *run, const uint32_t *costs, const uint32_t *estimates, int pops) {
    const mask_problem *problem = search->problem;
    const uint64_t *allow = problem->allow, *change = problem->change;
    const int bytes = problem->bytes, goals = problem->goals, is_scaled = run->heuristic == PLAN_SCALED;
    const int has_estimate = run->heuristic != PLAN_ZERO, forbid_repeats = run->forbid_repeats;
    const uint32_t per_h = run->max_depth + 1, per_f = per_h * run->h_count, max_depth = run->max_depth;
    const uint64_t stamp = (uint64_t)run->stamp << 24;
    uint64_t *const table = run->table, *const filled = run->filled;
    uint32_t *const first = run->first, *const last = run->last;
    mask_node *nodes = (mask_node *)run->nodes;
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
        uint32_t list = lowest * 64 + (uint32_t)__builtin_ctzll(filled[lowest]);
        uint32_t index = first[list];
        const mask_node here = nodes[index];
        if (here.head.next == PLAN_NONE)
            filled[lowest] &= filled[lowest] - 1;
        else
            first[list] = here.head.next;
        if ((table[here.state] & 0xffffff) != index) continue;
        run->expanded++;
        double distance = has_estimate ? here.head.h : mask_estimate(search, run, here.state);
        if (distance < run->best_distance || run->nearest == PLAN_NONE) {
            run->best_distance = distance;
            run->best_h = here.head.h;
            run->nearest = index;
        }
        uint64_t choices = ~0ULL, changing = MASK_GOAL;
        for (int b = 0; b < bytes; b++) {
            uint64_t value = here.state >> (8 * b) & 255;
            choices &= allow[b * 256 + value];
            changing |= change[b * 256 + value];
        }
        choices &= changing;
        if (choices & MASK_GOAL) {
            run->goal = index;
            status = PLAN_FOUND;
            break;
        }
        if (here.head.depth >= max_depth) {
            run->was_cut = 1;
            continue;
        }
        run->count = count;
        status = PLAN_NO_MEMORY;
        if (count >= WHOLE_MOST_NODES || !plan_reserve(run, 64)) break;
        nodes = (mask_node *)run->nodes;
        uint32_t here_g = (uint32_t)(table[here.state] >> 24) & 0xffffff, here_h = (uint32_t)here.head.h;
        uint32_t depth = here.head.depth + 1;
        /* Two of three ways are refused, and which is a coin toss: they are sorted out without a branch. */
        uint8_t better[64];
        int betters = 0;
        for (; choices; choices &= choices - 1) {
            uint32_t action = (uint32_t)__builtin_ctzll(choices);
            uint64_t state = (here.state & problem->keep[action]) | problem->put[action];
            better[betters] = (uint8_t)action;
            betters += (table[state] >> 24) - stamp > here_g + costs[action];
        }
        for (int i = 0; i < betters; i++) {
            uint32_t action = better[i];
            uint64_t state = (here.state & problem->keep[action]) | problem->put[action];
            uint32_t g = here_g + costs[action], h = here_h;
            /* Older stamps are smaller, so that what they left wraps around and is never refused for. */
            if ((table[state] >> 24) - stamp <= g) continue;
            if (forbid_repeats && plan_repeats(run, index, action)) continue;
            if (problem->moves_goal[action] && has_estimate) {
                h = 0;
                for (int c = 0; c < goals; c++) {
                    uint32_t one = estimates[c * 256 + (state >> problem->shift[c] & problem->mask[c])];
                    if (is_scaled)
                        h = one > h ? one : h;
                    else
                        h += one;
                }
            }
            mask_node *node = nodes + count;
            node->head = (plan_node){g, h, index, depth, action, PLAN_NONE};
            node->state = state;
            table[state] = (stamp | g) << 24 | count;
            uint32_t place = (g + h) * per_f + h * per_h + depth, word = place >> 6;
            uint64_t bit = 1ULL << (place & 63);
            if (filled[word] & bit) {
                nodes[last[place]].head.next = count;
            } else {
                filled[word] |= bit;
                first[place] = count;
                lowest = word < lowest ? word : lowest;
            }
            last[place] = count++;
        }
        run->count = count;
    }
    run->count = count;
    run->lowest = lowest;
    return status;
}

/* The first node; call when every cost and every estimate is a whole number and the bits index the table.
 * Returns -1 when the lists would be too many, 0 without memory. */
static int whole_start(const mask_search *search, plan_run *run, uint64_t start, double most_f, double most_h) {
    plan_run_start(run, sizeof(mask_node));
    if (!plan_table_start(run, PLAN_WHOLE, 1u << search->problem->bits) || !plan_queue_start(run, 1, most_f, most_h)) return 0;
    if (!run->h_count) return -1;
    if (!plan_reserve(run, 1)) return 0;
    mask_node *node = mask_at(run, 0);
    node->head = (plan_node){0, 0, PLAN_NONE, 0, 0, PLAN_NONE};
    node->state = start;
    node->head.h = run->heuristic == PLAN_ZERO ? 0 : mask_estimate(search, run, start);
    run->count = 1;
    run->table[start] = (uint64_t)run->stamp << 48;
    return plan_push(run, 0);
}

#endif
