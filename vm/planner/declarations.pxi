# What the module uses of nodes.h, masks.h, cells.h and table.h.

cdef extern from "nodes.h" nogil:
    enum:
        PLAN_RUNNING
        PLAN_FOUND
        PLAN_EXHAUSTED
        PLAN_NODE_LIMIT
        PLAN_NO_MEMORY
        PLAN_DISTANCE_SUM
        PLAN_SCALED
        PLAN_ZERO
    const uint32_t PLAN_NONE

    ctypedef struct plan_step:
        double g
        uint32_t parent
        uint32_t depth
        uint32_t action

    ctypedef struct plan_run:
        int64_t max_nodes
        uint32_t max_depth
        int heuristic
        int forbid_repeats
        double weight
        size_t bytes
        int64_t expanded
        double best_h
        uint32_t nearest
        uint32_t goal
        int was_cut

    plan_step plan_step_at(const plan_run *run, uint32_t index)
    void plan_free(plan_run *run)

cdef extern from "masks.h" nogil:
    const uint64_t MASK_GOAL
    const int MASK_DIRECT_BITS

    ctypedef struct mask_value:
        uint64_t allow
        uint64_t change

    ctypedef struct mask_problem:
        int bytes
        int bits
        mask_value *value
        uint64_t *keep
        uint64_t *put
        uint8_t *moves_goal
        int goals
        uint8_t *shift
        uint8_t *mask

    ctypedef struct mask_search:
        const mask_problem *problem
        const double *costs
        const double *estimates

    uint64_t mask_choices(const mask_problem *problem, uint64_t state)
    int mask_start(const mask_search *search, plan_run *run, uint64_t start)
    int mask_step(const mask_search *search, plan_run *run, int pops)

cdef extern from "whole.h" nogil:
    ctypedef struct whole_way:
        uint16_t keep
        uint16_t put
        uint16_t cost

    const int WHOLE_NO_WAY

    int whole_start(const mask_search *search, plan_run *run, uint64_t start, double most_f, double most_h)
    int whole_step(
        const mask_search *search, plan_run *run, const whole_way *ways, const uint16_t *estimates, int pops
    )

cdef extern from "cells.h" nogil:
    const uint64_t CELL_SYMBOL_TAG
    const uint32_t CELL_OWN

    ctypedef struct cell_condition:
        uint32_t slot
        uint8_t op
        uint8_t is_numeric
        double target

    ctypedef struct cell_set:
        uint32_t slot
        uint64_t cell
        uint64_t hash

    ctypedef struct cell_delta:
        uint32_t slot
        double delta

    ctypedef struct cell_action:
        uint32_t first_set
        uint32_t set_count
        uint32_t first_delta
        uint32_t delta_count
        uint32_t effort
        uint8_t moves_goal

    ctypedef struct cell_problem:
        uint32_t slots
        uint32_t words
        uint32_t conditions
        uint32_t actions
        uint32_t goals
        uint32_t symbols
        cell_condition *condition
        uint32_t *by_slot
        uint32_t *slot_start
        double *symbol_number
        uint8_t *symbol_is_number
        cell_action *action
        cell_set *set
        cell_delta *delta
        uint64_t *need
        uint64_t *clear
        uint64_t *fill
        uint64_t *goal
        uint32_t *goal_condition
        uint64_t *allow

    ctypedef struct cell_search:
        const cell_problem *problem
        const double *costs
        const double *by_cost
        const double *rate
        const double *own_number
        const uint8_t *own_is_number

    uint64_t cell_of(double number)
    uint64_t cell_identity(uint64_t cell)
    uint64_t cell_hash(uint32_t slot, uint64_t cell)
    int cell_holds(const cell_condition *condition, double here)
    int cell_has_all(const uint64_t *bits, const uint64_t *wanted, uint32_t words)
    void cell_condition_start(cell_condition *condition)
    int cell_start(const cell_search *search, plan_run *run, const uint64_t *data, int is_whole, double dearest)
    int cell_step(const cell_search *search, plan_run *run, int pops)

cdef extern from "ids.h" nogil:
    const int IDS_SLOTS
    const int IDS_MOST
    const int PLAN_GIVEN_UP

    ctypedef struct ids_state:
        uint64_t low
        uint64_t high

    ctypedef struct ids_action:
        ids_state keep
        ids_state put
        uint32_t first_change

    ctypedef struct ids_delta:
        uint32_t delta
        uint16_t half
        uint16_t shift
        ids_state mask

    ctypedef struct ids_problem:
        ids_action *action
        uint8_t *known
        uint64_t *cell
        uint64_t *held
        uint64_t *setters
        uint64_t *changers
        ids_delta *change
        uint32_t changes

    ctypedef struct ids_search:
        const cell_search *cells
        const ids_problem *problem
        double *estimate
        uint8_t *after

    void ids_set(ids_state *state, uint32_t slot, uint32_t id)
    int ids_start(ids_search *search, plan_run *run, const uint64_t *data, int is_whole, double dearest)
    int ids_step(ids_search *search, plan_run *run, int pops)

cdef extern from "table.h" nogil:
    const int TABLE_MOST_BITS

    ctypedef struct goal_table:
        uint32_t states
        double *cost
        uint32_t *steps
        uint8_t *action

    void table_free(goal_table *table)
    int table_build(goal_table *table, const mask_problem *problem, const double *costs, int actions)
    int table_follow(
        const goal_table *table, const mask_problem *problem, uint64_t state, uint8_t *out, uint32_t room
    )
