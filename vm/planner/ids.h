/* The common case of cells.h made fast: at most 15 facts, 64 actions and 64 conditions.
 *
 * Every number that a fact takes during a search gets a small id, so that a state is 16
 * bytes, a change of a number is one look into a table that fills as it is used, and the
 * conditions that hold are found by fact and id. When a fact takes too many numbers, or
 * two that are one state but not one double, the search is given up, and cells.h starts anew.
 */
#ifndef ABML_PLANNER_IDS_H
#define ABML_PLANNER_IDS_H

#include "cells.h"

#define IDS_SLOTS 15
#define IDS_MOST 255
#define IDS_UNKNOWN 255
/* Beside the outcomes of nodes.h: the problem has to be searched by cells. */
#define PLAN_GIVEN_UP 50

typedef struct {
    uint64_t low, high; /* a byte for each slot */
} ids_state;

typedef struct {
    plan_node head;
    ids_state state;
} ids_node;

typedef struct {
    ids_state keep, put; /* of the effects that set */
    uint32_t first_change;
} ids_action;

/* A change of a number: its place in cell_problem.delta, and its slot. One that fills up is on the slot
 * behind all others, which stays 0. */
typedef struct {
    uint32_t delta;
    uint16_t half, shift;
    ids_state mask; /* all ones in the half where the slot is */
} ids_delta;

/* What depends on the problem only. The value that effect `i` of cell_problem.set gives has the id `set_id[i]`. */
typedef struct {
    ids_action *action;
    uint8_t *known; /* by slot: how many ids are taken by what effects set; ids count from 0 */
    uint64_t *cell, *held; /* [slot][id] of those */
    uint64_t *setters;     /* [slot][id]: actions that set the slot to another value; [slot][255] to any */
    uint64_t *changers;    /* [slot]: actions that change its number */
    ids_delta *change;     /* as many for every action, so that their number is no surprise */
    uint32_t changes;
} ids_problem;

/* One search: all values met, and what is known of them: the conditions that hold, and the actions that would
 * change the value. */
typedef struct {
    const cell_search *cells;
    const ids_problem *problem;
    uint8_t count[IDS_SLOTS];
    uint64_t cell[IDS_SLOTS][256], held[IDS_SLOTS][256], moved[IDS_SLOTS][256];
    double *estimate; /* [condition of the goal][id] */
    uint8_t *after;   /* [change][id]: the id after a change of cell_problem.delta, or IDS_UNKNOWN */
} ids_search;

static inline ids_node *ids_at(const plan_run *run, uint32_t index) {
    return (ids_node *)(run->nodes + (size_t)index * sizeof(ids_node));
}

static inline uint32_t ids_get(const ids_state *state, uint32_t slot) {
    return (uint32_t)((slot < 8 ? state->low : state->high) >> (8 * (slot & 7)) & 255);
}

static inline void ids_set(ids_state *state, uint32_t slot, uint32_t id) {
    uint64_t *half = slot < 8 ? &state->low : &state->high;
    uint32_t shift = 8 * (slot & 7);
    *half = (*half & ~(255ULL << shift)) | (uint64_t)id << shift;
}

/* Ids are small, so that most bits of a state are the same in all: every byte has to reach the lowest bits. */
static inline uint64_t ids_hash(ids_state state) {
    uint64_t x = (state.low ^ state.high * 0x9fb21c651e98df25ULL) * 0xd6e8feb86659fd93ULL;
    x = (x ^ x >> 32) * 0x9fb21c651e98df25ULL;
    return x ^ x >> 32;
}

static inline double ids_estimate(const ids_search *search, const plan_run *run, const ids_state *state) {
    const cell_problem *problem = search->cells->problem;
    double total = 0;
    for (uint32_t c = 0; c < problem->goals; c++) {
        uint32_t slot = problem->condition[problem->goal_condition[c]].slot;
        double one = search->estimate[c * 256 + ids_get(state, slot)];
        if (run->heuristic == PLAN_SCALED)
            total = one > total ? one : total;
        else
            total += one;
    }
    return run->weight == 0 ? 0 : run->weight * total;
}

/* Estimates of a value for the conditions of the goal on its slot. */
static void ids_weigh(ids_search *search, const plan_run *run, uint32_t slot, uint32_t id) {
    const cell_problem *problem = search->cells->problem;
    for (uint32_t c = 0; c < problem->goals; c++) {
        uint32_t number = problem->goal_condition[c];
        if (problem->condition[number].slot != slot) continue;
        int is_met = (int)(search->held[slot][id] >> number & 1);
        search->estimate[c * 256 + id] = is_met ? 0 : cell_estimate_one(search->cells, run, c, search->cell[slot][id]);
    }
}

/* The id of a cell of a slot, IDS_UNKNOWN to give up. A new one has `held` for its conditions. */
static uint32_t ids_of(ids_search *search, const plan_run *run, uint32_t slot, uint64_t cell, uint64_t held) {
    uint32_t count = search->count[slot];
    for (uint32_t id = 0; id < count; id++)
        if (search->cell[slot][id] == cell) return id;
    for (uint32_t id = 0; id < count; id++)
        if (cell_identity(search->cell[slot][id]) == cell_identity(cell)) return IDS_UNKNOWN;
    if (count == IDS_MOST) return IDS_UNKNOWN;
    search->cell[slot][count] = cell;
    search->held[slot][count] = held;
    search->moved[slot][count] = search->problem->setters[slot * 256 + 255] | search->problem->changers[slot];
    search->count[slot]++;
    ids_weigh(search, run, slot, count);
    return count;
}

/* The id after a change, found anew; IDS_UNKNOWN to give up. */
static uint32_t ids_change(ids_search *search, const plan_run *run, uint32_t change, uint32_t id) {
    const cell_problem *problem = search->cells->problem;
    uint32_t slot = problem->delta[change].slot;
    double number = cell_base(search->cells, slot, search->cell[slot][id]) + problem->delta[change].delta;
    uint64_t held = 0;
    for (uint32_t k = problem->slot_start[slot]; k < problem->slot_start[slot + 1]; k++) {
        uint32_t which = problem->by_slot[k];
        const cell_condition *condition = problem->condition + which;
        int holds = condition->is_numeric ? cell_holds(condition, number) : condition->op == CELL_NE;
        held |= (uint64_t)holds << which;
    }
    uint32_t found = ids_of(search, run, slot, cell_of(number), held);
    search->after[change * 256 + id] = (uint8_t)found;
    return found;
}

static uint64_t ids_hash_at(const plan_run *run, uint32_t index) {
    return ids_hash(ids_at(run, index)->state);
}

/* Place of a state in the table, whose entries are half of the hash, and the number of a node plus 1. */
static inline uint64_t *ids_find(const plan_run *run, ids_state state, uint32_t *best) {
    uint64_t last = run->table_size - 1, hash = ids_hash(state), at = hash & last, *table = run->table;
    for (; table[at]; at = (at + 1) & last) {
        if ((table[at] ^ hash) >> 32) continue;
        uint32_t index = (uint32_t)table[at] - 1;
        const ids_state *known = &ids_at(run, index)->state;
        if (((known->low ^ state.low) | (known->high ^ state.high)) == 0) {
            *best = index;
            return table + at;
        }
    }
    *best = PLAN_NONE;
    return table + at;
}

/* The first node, from the bits of conditions and cells that CellCore.encode gives: PLAN_RUNNING, or why not. */
static int ids_start(ids_search *search, plan_run *run, const uint64_t *data, int is_whole, double dearest) {
    const cell_problem *problem = search->cells->problem;
    const ids_problem *known = search->problem;
    plan_run_start(run, sizeof(ids_node));
    ids_state state = {0, 0};
    for (uint32_t slot = 0; slot < problem->slots; slot++) {
        search->count[slot] = known->known[slot];
        uint64_t mine = 0;
        for (uint32_t k = problem->slot_start[slot]; k < problem->slot_start[slot + 1]; k++)
            mine |= 1ULL << problem->by_slot[k];
        for (uint32_t id = 0; id < known->known[slot]; id++) {
            search->cell[slot][id] = known->cell[slot * 256 + id];
            search->held[slot][id] = known->held[slot * 256 + id];
            search->moved[slot][id] = known->setters[slot * 256 + id] | known->changers[slot];
            ids_weigh(search, run, slot, id);
        }
        uint32_t id = ids_of(search, run, slot, data[1 + slot], data[0] & mine);
        if (id == IDS_UNKNOWN) return PLAN_GIVEN_UP;
        ids_set(&state, slot, id);
    }
    for (uint32_t slot = problem->slots; slot < IDS_SLOTS; slot++) search->held[slot][0] = search->moved[slot][0] = 0;
    uint32_t changes = 0;
    for (uint32_t a = 0; a < problem->actions; a++) changes += problem->action[a].delta_count;
    memset(search->after, IDS_UNKNOWN, changes * 256);
    search->after[changes * 256] = 0;
    if (!plan_table_start(run, PLAN_HASHED, 0) || !plan_reserve(run, 1)) return PLAN_NO_MEMORY;
    ids_node *node = ids_at(run, 0);
    node->head = (plan_node){0, 0, PLAN_NONE, 0, 0, PLAN_NONE};
    node->state = state;
    if (run->heuristic != PLAN_ZERO) node->head.h = ids_estimate(search, run, &state);
    if (!plan_cautious_queue_start(run, is_whole, dearest, node->head.h)) return PLAN_NO_MEMORY;
    run->count = 1;
    uint32_t best;
    *ids_find(run, state, &best) = (ids_hash(state) & ~(uint64_t)UINT32_MAX) | 1;
    run->table_used = 1;
    return plan_push(run, 0) ? PLAN_RUNNING : PLAN_NO_MEMORY;
}

/* Goes on for at most `pops` pops; PLAN_RUNNING when there is more to do, PLAN_GIVEN_UP when cells have to. */
__attribute__((noinline)) static int ids_step(ids_search *search, plan_run *run, int pops) {
    const cell_problem *problem = search->cells->problem;
    const ids_action *const sets = search->problem->action;
    const cell_action *const actions = problem->action;
    const ids_delta *const changes = search->problem->change;
    const uint32_t change_count = search->problem->changes;
    const double *const costs = search->cells->costs;
    const uint8_t *const after = search->after;
    const uint64_t *const allow = problem->allow;
    const uint32_t bytes = (problem->conditions + 7) / 8;
    const int forbid_repeats = run->forbid_repeats;
    const uint32_t slots = problem->slots;
    for (;;) {
        if (plan_is_empty(run)) return PLAN_EXHAUSTED;
        if (run->expanded >= run->max_nodes) return PLAN_NODE_LIMIT;
        if (pops-- == 0) return PLAN_RUNNING;
        uint32_t index = plan_pop(run), best;
        const ids_node here = *ids_at(run, index);
        if (here.head.depth == PLAN_STALE) continue;
        run->expanded++;
        double distance = run->heuristic == PLAN_ZERO ? ids_estimate(search, run, &here.state) : here.head.h;
        if (distance < run->best_distance || run->nearest == PLAN_NONE) {
            run->best_distance = distance;
            run->best_h = here.head.h;
            run->nearest = index;
        }
        uint64_t held = 0, moved = 0, low = here.state.low, high = here.state.high;
        /* Always eight, for what is behind the last slot adds nothing. */
        for (uint32_t slot = 0; slot < 8; slot++, low >>= 8) {
            held |= search->held[slot][low & 255];
            moved |= search->moved[slot][low & 255];
        }
        for (uint32_t slot = 8; slot < slots; slot++, high >>= 8) {
            held |= search->held[slot][high & 255];
            moved |= search->moved[slot][high & 255];
        }
        if ((held & problem->goal[0]) == problem->goal[0]) {
            run->goal = index;
            return PLAN_FOUND;
        }
        if (here.head.depth >= run->max_depth) {
            run->was_cut = 1;
            continue;
        }
        if (!plan_reserve(run, 64)) return PLAN_NO_MEMORY;
        while ((uint64_t)(run->table_used + 64) * 2 > run->table_size)
            if (!plan_table_grow(run, ids_hash_at)) return PLAN_NO_MEMORY;
        /* An action that leaves the state as it is costs no less. */
        uint64_t choices = moved;
        for (uint32_t b = 0; b < bytes; b++) choices &= allow[b * 256 + (held >> (8 * b) & 255)];
        /* Nothing below moves the nodes or the table. */
        ids_node *const nodes = (ids_node *)run->nodes;
        uint64_t *const table = run->table, last = run->table_size - 1;
        /* All states first, then their places: the misses of the second half overlap. */
        struct {
            ids_state state;
            uint64_t hash;
            uint32_t action;
        } way[64];
        const uint64_t halves[2] = {here.state.low, here.state.high};
        int ways = 0;
        for (; choices; choices &= choices - 1) {
            uint32_t action = (uint32_t)__builtin_ctzll(choices);
            ids_state state = {(here.state.low & sets[action].keep.low) | sets[action].put.low,
                               (here.state.high & sets[action].keep.high) | sets[action].put.high};
            const ids_delta *change = changes + sets[action].first_change;
            for (const ids_delta *end = change + change_count; change < end; change++) {
                uint32_t id = (uint32_t)(halves[change->half] >> change->shift & 255), now = after[change->delta * 256 + id];
                if (now == IDS_UNKNOWN && (now = ids_change(search, run, change->delta, id)) == IDS_UNKNOWN)
                    return PLAN_GIVEN_UP;
                uint64_t turned = (uint64_t)(id ^ now) << change->shift;
                state.low ^= turned & change->mask.low;
                state.high ^= turned & change->mask.high;
            }
            way[ways].state = state;
            way[ways].hash = ids_hash(state);
            __builtin_prefetch(table + (way[ways].hash & last));
            way[ways++].action = action;
        }
        for (int i = 0; i < ways; i++) {
            ids_state state = way[i].state;
            uint32_t action = way[i].action;
            double g = here.head.g + costs[action];
            uint64_t hash = way[i].hash, at = hash & last;
            best = PLAN_NONE;
            for (; table[at]; at = (at + 1) & last) {
                if ((table[at] ^ hash) >> 32) continue;
                const ids_state *met = &nodes[(uint32_t)table[at] - 1].state;
                if (((met->low ^ state.low) | (met->high ^ state.high)) == 0) {
                    best = (uint32_t)table[at] - 1;
                    break;
                }
            }
            if (best != PLAN_NONE && !(g < nodes[best].head.g)) continue;
            if (forbid_repeats && plan_repeats(run, index, action)) continue;
            uint32_t made = run->count++;
            ids_node *node = nodes + made;
            node->head = (plan_node){g, here.head.h, index, here.head.depth + 1, action, PLAN_NONE};
            node->state = state;
            if (actions[action].moves_goal && run->heuristic != PLAN_ZERO) node->head.h = ids_estimate(search, run, &state);
            table[at] = (hash & ~(uint64_t)UINT32_MAX) | (made + 1);
            if (best == PLAN_NONE)
                run->table_used++;
            else
                nodes[best].head.depth = PLAN_STALE;
            if (!plan_push_checked(run, made)) return PLAN_NO_MEMORY;
        }
    }
}

#endif
