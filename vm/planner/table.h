/* Goal tables: the best action of every state of a small world, found backward from the goal.
 *
 * Best is the least cost, then the fewest steps, then the earliest action.
 */
#ifndef ABML_PLANNER_TABLE_H
#define ABML_PLANNER_TABLE_H

#include "masks.h"

#define TABLE_MOST_BITS 16
#define TABLE_AT_GOAL 254
#define TABLE_NO_WAY 255
/* Costs that are whole numbers from 1 to this are sorted into lists. */
#define TABLE_MOST_WHOLE 1023

typedef struct {
    uint32_t states;
    double *cost;    /* INFINITY: no way */
    uint32_t *steps;
    uint8_t *action; /* TABLE_AT_GOAL, TABLE_NO_WAY */
} goal_table;

static void table_free(goal_table *table) {
    free(table->cost);
    free(table->steps);
    free(table->action);
    memset(table, 0, sizeof *table);
}

/* Edges by their target: `from[start[t]] .. from[start[t + 1]]` hold state << 6 | action. */
static int table_edges(const mask_problem *problem, uint32_t states, uint32_t **start_out, uint32_t **from_out, uint64_t *choices) {
    uint32_t *start = calloc((size_t)states + 2, sizeof *start);
    if (start == NULL) return 0;
    /* Counted one place further on, so that filling leaves every count at its own start. */
    for (uint32_t state = 0; state < states; state++) {
        uint64_t found = choices[state] = mask_choices(problem, state);
        if (found & MASK_GOAL) continue;
        for (; found; found &= found - 1) {
            int action = __builtin_ctzll(found);
            start[((state & problem->keep[action]) | problem->put[action]) + 2]++;
        }
    }
    for (uint32_t state = 2; state <= states + 1; state++) start[state] += start[state - 1];
    uint32_t *from = malloc(((size_t)start[states + 1] + 1) * sizeof *from);
    if (from == NULL) {
        free(start);
        return 0;
    }
    for (uint32_t state = 0; state < states; state++) {
        uint64_t found = choices[state];
        if (found & MASK_GOAL) continue;
        for (; found; found &= found - 1) {
            uint32_t action = (uint32_t)__builtin_ctzll(found);
            uint32_t after = (uint32_t)((state & problem->keep[action]) | problem->put[action]);
            from[start[after + 1]++] = state << 6 | action;
        }
    }
    *start_out = start;
    *from_out = from;
    return 1;
}

/* Whether a way over `action` beats what the state has; takes it if so: 2 when it is cheaper, 1 when only otherwise better. */
static inline int table_relax(goal_table *table, uint32_t state, uint32_t action, double cost, uint32_t steps) {
    double known = table->cost[state];
    if (cost > known) return 0;
    if (cost == known) {
        if (steps > table->steps[state]) return 0;
        if (steps == table->steps[state] && action >= table->action[state]) return 0;
    }
    int is_shorter = steps != table->steps[state];
    table->cost[state] = cost;
    table->steps[state] = steps;
    table->action[state] = (uint8_t)action;
    return cost < known ? 2 : is_shorter;
}

/* Costs are whole and at least 1, so a state is complete when it is taken out. */
static int table_by_lists(goal_table *table, const uint32_t *start, const uint32_t *from, const double *costs, uint32_t most) {
    uint32_t states = table->states, lists = most + 1, pending = 0;
    /* Lists hold states; the heads stand behind them, one for each list. */
    uint32_t *next = malloc(((size_t)states + lists) * 2 * sizeof *next);
    if (next == NULL) return 0;
    uint32_t *before = next + states + lists;
    for (uint32_t list = 0; list < lists; list++) next[states + list] = before[states + list] = states + list;
    for (uint32_t state = 0; state < states; state++) {
        if (table->action[state] != TABLE_AT_GOAL) continue;
        next[state] = next[states];
        before[state] = states;
        before[next[states]] = state;
        next[states] = state;
        pending++;
    }
    for (uint32_t list = 0; pending; list = list + 1 == lists ? 0 : list + 1) {
        uint32_t head = states + list;
        while (next[head] != head) {
            uint32_t state = next[head];
            next[head] = next[state];
            before[next[state]] = head;
            pending--;
            for (uint32_t e = start[state]; e < start[state + 1]; e++) {
                uint32_t origin = from[e] >> 6, action = from[e] & 63;
                int was_open = table->action[origin] != TABLE_NO_WAY;
                if (table_relax(table, origin, action, table->cost[state] + costs[action], table->steps[state] + 1) < 2) continue;
                if (was_open) {
                    next[before[origin]] = next[origin];
                    before[next[origin]] = before[origin];
                } else {
                    pending++;
                }
                uint32_t place = list + (uint32_t)costs[action];
                uint32_t other = states + (place >= lists ? place - lists : place);
                next[origin] = next[other];
                before[origin] = other;
                before[next[other]] = origin;
                next[other] = origin;
            }
        }
    }
    free(next);
    return 1;
}

static int table_by_heap(goal_table *table, const uint32_t *start, const uint32_t *from, const double *costs) {
    plan_run run;
    memset(&run, 0, sizeof run);
    int is_fine = 1;
    for (uint32_t state = 0; state < table->states && is_fine; state++)
        if (table->action[state] == TABLE_AT_GOAL) is_fine = plan_heap_push(&run, (plan_entry){0, 0, state});
    while (is_fine && run.heap_count) {
        plan_entry entry = run.heap[0];
        uint32_t state = plan_heap_pop(&run);
        if (entry.f != plan_bits(table->cost[state]) || entry.h != table->steps[state]) continue;
        for (uint32_t e = start[state]; e < start[state + 1] && is_fine; e++) {
            uint32_t origin = from[e] >> 6, action = from[e] & 63;
            if (table_relax(table, origin, action, table->cost[state] + costs[action], table->steps[state] + 1))
                is_fine = plan_heap_push(&run, (plan_entry){plan_bits(table->cost[origin]), table->steps[origin], origin});
        }
    }
    plan_free(&run);
    return is_fine;
}

/* Fills a table for the goal of a problem of at most TABLE_MOST_BITS bits; 0 without memory. */
static int table_build(goal_table *table, const mask_problem *problem, const double *costs, int actions) {
    uint32_t states = 1u << problem->bits, *start = NULL, *from = NULL;
    memset(table, 0, sizeof *table);
    table->states = states;
    table->cost = malloc(states * sizeof *table->cost);
    table->steps = malloc(states * sizeof *table->steps);
    table->action = malloc(states);
    uint64_t *choices = malloc(states * sizeof *choices);
    int is_fine = table->cost != NULL && table->steps != NULL && table->action != NULL && choices != NULL &&
                  table_edges(problem, states, &start, &from, choices);
    if (is_fine) {
        for (uint32_t state = 0; state < states; state++) {
            int is_goal = (choices[state] & MASK_GOAL) != 0;
            table->cost[state] = is_goal ? 0 : INFINITY;
            table->steps[state] = is_goal ? 0 : UINT32_MAX;
            table->action[state] = is_goal ? TABLE_AT_GOAL : TABLE_NO_WAY;
        }
        double most = 0;
        int is_whole = 1;
        for (int a = 0; a < actions; a++) {
            if (costs[a] > most) most = costs[a];
            if (costs[a] < 1 || costs[a] > TABLE_MOST_WHOLE || costs[a] != floor(costs[a])) is_whole = 0;
        }
        is_fine = is_whole ? table_by_lists(table, start, from, costs, (uint32_t)most) : table_by_heap(table, start, from, costs);
    }
    free(choices);
    free(start);
    free(from);
    if (!is_fine) table_free(table);
    return is_fine;
}

/* The steps from a state, at most `room` of them; their number, or -1 when there is no way or no room. */
static inline int table_follow(const goal_table *table, const mask_problem *problem, uint64_t state, uint8_t *out, uint32_t room) {
    if (table->action[state] == TABLE_NO_WAY || table->steps[state] > room) return -1;
    int count = 0;
    for (uint8_t action = table->action[state]; action != TABLE_AT_GOAL; action = table->action[state]) {
        out[count++] = action;
        state = (state & problem->keep[action]) | problem->put[action];
    }
    return count;
}

#endif
