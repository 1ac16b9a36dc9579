/* Search over worlds of numbers: a cell for each fact beside a bit for each condition.
 *
 * A cell is a double, or a symbol: absent, false, true, a text. The bits of conditions
 * follow every change, so that neither preconditions nor the goal are evaluated again.
 * Two states are the same when their numbers agree to nine decimals.
 */
#ifndef ABML_PLANNER_CELLS_H
#define ABML_PLANNER_CELLS_H

#include "nodes.h"

#define CELL_TOLERANCE 1e-9
#define CELL_STRICT 0.01
#define CELL_SYMBOL_TAG 0xfffcULL
/* Texts of the world planned from that the problem does not know: one for each fact. */
#define CELL_OWN 0x80000000u

enum { CELL_EQ, CELL_NE, CELL_LT, CELL_LE, CELL_GT, CELL_GE };

/* It holds for a number whose gap to the target lies from `low` to `high`, or not there when `is_outside`. */
typedef struct {
    uint32_t slot;
    uint8_t op, is_numeric, is_outside;
    double target, low, high;
} cell_condition;

typedef struct {
    uint32_t slot;
    uint64_t cell;
    uint64_t hash;
} cell_set;

typedef struct {
    uint32_t slot;
    double delta;
} cell_delta;

typedef struct {
    uint32_t first_set, set_count, first_delta, delta_count;
    uint32_t effort; /* conditions that taking it may evaluate */
    uint8_t moves_goal;
} cell_action;

typedef struct {
    uint32_t slots, words, conditions, actions, goals, symbols;
    cell_condition *condition;
    uint32_t *by_slot, *slot_start; /* conditions on a slot: by_slot[slot_start[s] .. slot_start[s + 1]] */
    double *symbol_number;          /* [symbol]: what a change adds to; 0 for what is no number */
    uint8_t *symbol_is_number;      /* [symbol]: absent, or a text that spells a number */
    cell_action *action;
    cell_set *set;
    cell_delta *delta;
    uint64_t *need, *clear, *fill; /* [action][word] */
    uint64_t *goal;                /* [word] */
    uint32_t *goal_condition;      /* conditions of the goal in their order */
    uint64_t *allow;               /* [byte of the first word][value]: a bit for an action; NULL beyond 64 actions or conditions */
} cell_problem;

typedef struct {
    plan_node head;
    uint64_t hash;
    uint64_t data[]; /* words of condition bits, then cells */
} cell_node;

typedef struct {
    const cell_problem *problem;
    const double *costs;
    const double *by_cost;      /* for each condition of the goal: least cost of an action on its fact */
    const double *rate;         /* largest change for a unit of cost; below 0: `by_cost` holds always */
    const double *own_number;   /* by slot, as for symbols */
    const uint8_t *own_is_number;
} cell_search;

static inline cell_node *cell_at(const plan_run *run, uint32_t index) {
    return (cell_node *)(run->nodes + (size_t)index * run->stride);
}

static inline size_t cell_stride(const cell_problem *problem) {
    return sizeof(cell_node) + ((size_t)problem->words + problem->slots) * sizeof(uint64_t);
}

static inline int cell_is_symbol(uint64_t cell) { return cell >> 48 == CELL_SYMBOL_TAG; }

static inline double cell_number(uint64_t cell) {
    double number;
    memcpy(&number, &cell, sizeof number);
    return number;
}

static inline uint64_t cell_of(double number) {
    uint64_t cell;
    memcpy(&cell, &number, sizeof cell);
    return cell;
}

/* What tells a cell apart: of a number its billionths, ties to even. The forms do not overlap. */
static inline uint64_t cell_identity(uint64_t cell) {
    if (cell_is_symbol(cell)) return cell;
    double number = cell_number(cell), size = fabs(number);
    /* Neighbors of larger numbers are farther apart than a billionth. */
    if (size >= 9e6) return cell;
    int64_t billionths;
    if (size < 2e6) {
        /* 1.5 * 2^52: the sum has no digits behind the point, and its bits count from there. */
        const double shift = 6755399441055744.0;
        billionths = (int64_t)(cell_of(number * 1e9 + shift) - cell_of(shift));
    } else {
        billionths = (int64_t)nearbyint(number * 1e9);
    }
    return (uint64_t)billionths << 1 ^ (uint64_t)(billionths >> 63);
}

/* The hash of a state is that of all its cells, combined by exclusive or. */
static inline uint64_t cell_hash(uint32_t slot, uint64_t cell) {
    uint64_t x = (cell_identity(cell) + (uint64_t)(slot + 1) * 0x9e3779b97f4a7c15ULL) * 0xd6e8feb86659fd93ULL;
    return (x ^ x >> 32) * 0x9fb21c651e98df25ULL;
}

static inline void cell_condition_start(cell_condition *condition) {
    int op = condition->op;
    condition->low = op == CELL_LE || op == CELL_GT ? -INFINITY : -CELL_TOLERANCE;
    condition->high = op == CELL_GE || op == CELL_LT ? INFINITY : CELL_TOLERANCE;
    condition->is_outside = op == CELL_NE || op == CELL_LT || op == CELL_GT;
}

static inline int cell_holds(const cell_condition *condition, double here) {
    double gap = here - condition->target;
    return ((gap >= condition->low) & (gap <= condition->high)) ^ condition->is_outside;
}

/* How much a number misses in a condition that does not hold. */
static inline double cell_gap(const cell_condition *condition, double here) {
    switch (condition->op) {
    case CELL_EQ: return fabs(here - condition->target);
    case CELL_NE: return 1;
    case CELL_LT:
    case CELL_LE: return here - condition->target;
    default: return condition->target - here;
    }
}

static inline double cell_base(const cell_search *search, uint32_t slot, uint64_t cell) {
    if (!cell_is_symbol(cell)) return cell_number(cell);
    uint32_t symbol = (uint32_t)cell;
    return symbol & CELL_OWN ? search->own_number[slot] : search->problem->symbol_number[symbol];
}

/* What a condition of the goal that does not hold for a cell adds to the estimate. */
static double cell_estimate_one(const cell_search *search, const plan_run *run, uint32_t c, uint64_t cell) {
    const cell_problem *problem = search->problem;
    const cell_condition *condition = problem->condition + problem->goal_condition[c];
    int is_gap = condition->is_numeric;
    if (cell_is_symbol(cell)) {
        uint32_t symbol = (uint32_t)cell;
        is_gap = is_gap && (symbol & CELL_OWN ? search->own_is_number[condition->slot] : problem->symbol_is_number[symbol]);
    }
    double gap = is_gap ? cell_gap(condition, cell_base(search, condition->slot, cell)) : 1;
    if (run->heuristic != PLAN_SCALED)
        return is_gap && (condition->op == CELL_LT || condition->op == CELL_GT) ? gap + CELL_STRICT : gap;
    /* A gap closes by changes only; whatever else is wrong, any action on the fact may mend. */
    if (!is_gap || condition->op == CELL_NE || search->rate[c] < 0) return search->by_cost[c];
    return isinf(search->rate[c]) ? 0 : gap / search->rate[c];
}

static double cell_estimate(const cell_search *search, const plan_run *run, const uint64_t *data) {
    const cell_problem *problem = search->problem;
    double total = 0;
    for (uint32_t c = 0; c < problem->goals; c++) {
        uint32_t number = problem->goal_condition[c];
        if (data[number >> 6] >> (number & 63) & 1) continue;
        double one = cell_estimate_one(search, run, c, data[problem->words + problem->condition[number].slot]);
        if (run->heuristic != PLAN_SCALED)
            total += one;
        else if (one > total)
            total = one;
    }
    return run->weight == 0 ? 0 : run->weight * total;
}

/* Whether an action that only sets would change a state. */
static inline int cell_changes(const cell_problem *problem, const cell_action *taken, const uint64_t *cells) {
    if (taken->delta_count) return 1;
    for (uint32_t i = taken->first_set; i < taken->first_set + taken->set_count; i++)
        if (cells[problem->set[i].slot] != problem->set[i].cell) return 1;
    return 0;
}

/* Makes the node the state after an action taken in the state it holds. */
static inline void cell_apply(const cell_search *search, cell_node *node, uint32_t action) {
    const cell_problem *problem = search->problem;
    const cell_action *taken = problem->action + action;
    uint32_t words = problem->words;
    uint64_t *bits = node->data, *cells = node->data + words, hash = node->hash;
    const uint64_t *clear = problem->clear + (size_t)action * words, *fill = problem->fill + (size_t)action * words;
    for (uint32_t w = 0; w < words; w++) bits[w] = (bits[w] & ~clear[w]) | fill[w];
    const cell_set *set = problem->set + taken->first_set;
    for (const cell_set *end = set + taken->set_count; set < end; set++) {
        if (cells[set->slot] == set->cell) continue;
        hash ^= cell_hash(set->slot, cells[set->slot]) ^ set->hash;
        cells[set->slot] = set->cell;
    }
    const cell_delta *delta = problem->delta + taken->first_delta;
    for (const cell_delta *end = delta + taken->delta_count; delta < end; delta++) {
        uint32_t slot = delta->slot;
        double number = cell_base(search, slot, cells[slot]) + delta->delta;
        uint64_t cell = cell_of(number);
        if (cells[slot] == cell) continue;
        hash ^= cell_hash(slot, cells[slot]) ^ cell_hash(slot, cell);
        cells[slot] = cell;
        for (uint32_t k = problem->slot_start[slot]; k < problem->slot_start[slot + 1]; k++) {
            uint32_t which = problem->by_slot[k];
            const cell_condition *condition = problem->condition + which;
            uint64_t holds = (uint64_t)(condition->is_numeric ? cell_holds(condition, number) : condition->op == CELL_NE);
            bits[which >> 6] = (bits[which >> 6] & ~(1ULL << (which & 63))) | holds << (which & 63);
        }
    }
    node->hash = hash;
}

/* Takes back what cell_apply did, by the node it started from. */
static inline void cell_restore(const cell_problem *problem, cell_node *node, const cell_node *from, uint32_t action) {
    const cell_action *taken = problem->action + action;
    uint32_t words = problem->words;
    for (uint32_t w = 0; w < words; w++) node->data[w] = from->data[w];
    for (uint32_t i = taken->first_set; i < taken->first_set + taken->set_count; i++)
        node->data[words + problem->set[i].slot] = from->data[words + problem->set[i].slot];
    for (uint32_t i = taken->first_delta; i < taken->first_delta + taken->delta_count; i++)
        node->data[words + problem->delta[i].slot] = from->data[words + problem->delta[i].slot];
    node->hash = from->hash;
}

static int cell_is_same(const cell_problem *problem, const cell_node *a, const cell_node *b) {
    const uint64_t *left = a->data + problem->words, *right = b->data + problem->words;
    uint64_t differs = 0;
    for (uint32_t s = 0; s < problem->slots; s++) differs |= left[s] ^ right[s];
    if (!differs) return 1;
    for (uint32_t s = 0; s < problem->slots; s++)
        if (left[s] != right[s] && cell_identity(left[s]) != cell_identity(right[s])) return 0;
    return 1;
}

static uint64_t cell_hash_at(const plan_run *run, uint32_t index) {
    return cell_at(run, index)->hash;
}

/* An entry of the table: half of the hash, and the number of a node plus 1. */
static inline uint64_t cell_entry(const cell_node *node, uint32_t index) {
    return (node->hash & ~(uint64_t)UINT32_MAX) | (index + 1);
}

/* Place in the table of the state that a node holds; `*best` is its best known node or PLAN_NONE. */
static inline uint64_t *cell_find(const cell_problem *problem, const plan_run *run, const cell_node *node, uint32_t *best) {
    uint64_t last = run->table_size - 1, at = node->hash & last, *table = run->table;
    for (; table[at]; at = (at + 1) & last) {
        if ((table[at] ^ node->hash) >> 32) continue;
        uint32_t index = (uint32_t)table[at] - 1;
        const cell_node *known = cell_at(run, index);
        if (known == node || (known->hash == node->hash && cell_is_same(problem, known, node))) {
            *best = index;
            return table + at;
        }
    }
    *best = PLAN_NONE;
    return table + at;
}

static inline int cell_has_all(const uint64_t *bits, const uint64_t *wanted, uint32_t words) {
    for (uint32_t w = 0; w < words; w++)
        if ((bits[w] & wanted[w]) != wanted[w]) return 0;
    return 1;
}

/* The first node, of a state given by its condition bits and cells; 0 without memory. */
static int cell_start(const cell_search *search, plan_run *run, const uint64_t *data, int is_whole, double dearest) {
    const cell_problem *problem = search->problem;
    plan_run_start(run, cell_stride(problem));
    if (!plan_table_start(run, PLAN_HASHED, 0) || !plan_reserve(run, 1)) return 0;
    if (run->scratch_size < run->stride) {
        free(run->scratch);
        run->scratch = malloc(run->stride);
        run->scratch_size = run->scratch ? run->stride : 0;
        if (run->scratch == NULL) return 0;
    }
    cell_node *node = cell_at(run, 0);
    node->head = (plan_node){0, 0, PLAN_NONE, 0, 0, PLAN_NONE};
    node->hash = 0;
    memcpy(node->data, data, ((size_t)problem->words + problem->slots) * sizeof *data);
    for (uint32_t s = 0; s < problem->slots; s++) node->hash ^= cell_hash(s, data[problem->words + s]);
    if (run->heuristic != PLAN_ZERO) node->head.h = cell_estimate(search, run, node->data);
    if (!plan_cautious_queue_start(run, is_whole, dearest, node->head.h)) return 0;
    run->count = 1;
    uint32_t best;
    *cell_find(problem, run, node, &best) = cell_entry(node, 0);
    run->table_used = 1;
    return plan_push(run, 0);
}

/* Makes the node after an action and pushes it when it is the best way to its state; 0 without memory.
 * The scratch holds the state of `index`, before and after. */
static inline int cell_expand(const cell_search *search, plan_run *run, uint32_t index, uint32_t action) {
    const cell_problem *problem = search->problem;
    cell_node *state = (cell_node *)run->scratch, *from = cell_at(run, index);
    /* A state that stays as it is costs no less. */
    if (!cell_changes(problem, problem->action + action, from->data + problem->words)) return 1;
    double g = from->head.g + search->costs[action];
    cell_apply(search, state, action);
    uint32_t best;
    uint64_t *place = cell_find(problem, run, state, &best);
    int is_fine = 1;
    if ((best == PLAN_NONE || g < plan_at(run, best)->g) && !(run->forbid_repeats && plan_repeats(run, index, action))) {
        is_fine = plan_reserve(run, 1);
        if (is_fine) {
            uint32_t made = run->count++;
            cell_node *node = cell_at(run, made);
            from = cell_at(run, index);
            node->head = (plan_node){g, from->head.h, index, from->head.depth + 1, action, PLAN_NONE};
            memcpy(&node->hash, &state->hash, run->stride - offsetof(cell_node, hash));
            if (problem->action[action].moves_goal && run->heuristic != PLAN_ZERO)
                node->head.h = cell_estimate(search, run, node->data);
            *place = cell_entry(node, made);
            if (best == PLAN_NONE)
                run->table_used++;
            else
                plan_at(run, best)->depth = PLAN_STALE;
            is_fine = plan_push_checked(run, made);
            if (is_fine && (uint64_t)run->table_used * 2 > run->table_size) is_fine = plan_table_grow(run, cell_hash_at);
        }
    }
    cell_restore(problem, state, from, action);
    return is_fine;
}

/* Goes on for at most `pops` pops; PLAN_RUNNING when there is more to do. */
static int cell_step(const cell_search *search, plan_run *run, int pops) {
    const cell_problem *problem = search->problem;
    for (;;) {
        if (plan_is_empty(run)) return PLAN_EXHAUSTED;
        if (run->expanded >= run->max_nodes) return PLAN_NODE_LIMIT;
        if (pops-- == 0) return PLAN_RUNNING;
        uint32_t index = plan_pop(run);
        cell_node *node = cell_at(run, index);
        if (node->head.depth == PLAN_STALE) continue;
        run->expanded++;
        double distance = run->heuristic == PLAN_ZERO ? cell_estimate(search, run, node->data) : node->head.h;
        if (distance < run->best_distance || run->nearest == PLAN_NONE) {
            run->best_distance = distance;
            run->best_h = node->head.h;
            run->nearest = index;
        }
        if (cell_has_all(node->data, problem->goal, problem->words)) {
            run->goal = index;
            return PLAN_FOUND;
        }
        if (node->head.depth >= run->max_depth) {
            run->was_cut = 1;
            continue;
        }
        memcpy(run->scratch, node, run->stride);
        if (problem->allow != NULL) {
            uint64_t choices = ~0ULL;
            for (uint32_t b = 0; b * 8 < problem->conditions; b++)
                choices &= problem->allow[b * 256 + (node->data[0] >> (8 * b) & 255)];
            if (problem->actions < 64) choices &= (1ULL << problem->actions) - 1;
            while (choices) {
                uint32_t action = (uint32_t)__builtin_ctzll(choices);
                choices &= choices - 1;
                if (!cell_expand(search, run, index, action)) return PLAN_NO_MEMORY;
            }
            continue;
        }
        uint64_t effort = problem->actions;
        for (uint32_t action = 0; action < problem->actions; action++) {
            const uint64_t *bits = ((const cell_node *)run->scratch)->data;
            if (!cell_has_all(bits, problem->need + (size_t)action * problem->words, problem->words)) continue;
            effort += problem->action[action].effort;
            if (!cell_expand(search, run, index, action)) return PLAN_NO_MEMORY;
        }
        /* Long lists take their share of the slice. */
        pops = effort / 256 < (uint64_t)pops ? pops - (int)(effort / 256) : 0;
    }
}

#endif
