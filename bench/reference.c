/* The workloads of this folder by hand in C: one record per actor, scalar code.
 * Built as a shared library; every function works on the state made by `setup`. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
    int32_t actor;
    uint16_t channel, action;
    double urgency;
} intent;

static intent *intents;
static int intent_count;
static int64_t random_state;

static double uniform(void) {
    random_state = random_state * 16807 % 2147483647;
    return (double)random_state / 2147483647.0;
}

static int64_t quantum(double x) { return (int64_t)floor(x * 65536.0); }

static int64_t intent_hash(void) {
    int64_t sum = 0;
    for (int i = 0; i < intent_count; i++)
        sum += ((int64_t)intents[i].channel * 31 + intents[i].action * 7 + 1) * quantum(intents[i].urgency);
    return sum;
}

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ------------------------------------------------------------------- guard */

typedef struct {
    double health, energy, threat, dist, allies;
    uint8_t alert, weapon, night;
    double alertness, patrol, cooldown;
} guard;

static guard *guards, *fresh_guards;

static inline intent *guard_tick(guard *g, int id, intent *out) {
    double up = 0.4 + 0.3 * g->energy - 0.5 * g->threat;
    double engage = g->threat * 1.2 - g->dist * 0.02 + g->allies * 0.1;
    if (!g->weapon) engage = engage - 0.6;
    double flee = (1.0 - g->health) * 0.9 + g->threat * 0.3;
    if (g->health < 0.25 && g->threat > 0.3) flee = flee + 0.5;
    double rest = (1.0 - g->energy) * 0.7;
    if (g->night) rest = rest + 0.15;
    if (g->alert) rest = rest * 0.25;
    int best = 0;
    double score = up;
    if (engage > score) best = 1, score = engage;
    if (flee > score) best = 2, score = flee;
    if (rest > score) best = 3, score = rest;
    if (best == 0) {
        double next = g->patrol + 1.0;
        if (next >= 8.0) next = 0.0;
        g->patrol = next;
    }
    g->alertness = g->alertness * 0.9 + g->threat * 0.1;
    if (g->cooldown > 0.0) g->cooldown = g->cooldown - 1.0;
    double urgency = score;
    if (urgency > 1.0) urgency = 1.0;
    if (urgency < 0.0) urgency = 0.0;
    *out++ = (intent){id, 0, (uint16_t)best, urgency};
    if (best == 1 && g->cooldown == 0.0) {
        g->cooldown = 3.0;
        *out++ = (intent){id, 1, 4, g->alertness};
    }
    return out;
}

__attribute__((noinline)) static int guard_pass(guard *g, int n, intent *out) {
    intent *first = out;
    for (int i = 0; i < n; i++) out = guard_tick(g + i, i, out);
    return (int)(out - first);
}

/* ----------------------------------------------------------- state machine */

enum { THREATS = 8 };

typedef struct {
    double energy, wp, dir, timer;
    int mode, level;
} worker;

static worker *workers, *fresh_workers;
static double *threats[THREATS];

static inline void assess(worker *w, double threat) {
    double x = threat;
    int level = 0;
    while (level < 4 && x > 0.25) {
        x = x * 0.75 - 0.05;
        level++;
    }
    w->level = level;
}

static inline void advance(worker *w) {
    double next = w->wp + w->dir;
    if (next >= 6.0) {
        w->dir = -1.0;
        next = 4.0;
    } else if (next < 0.0) {
        w->dir = 1.0;
        next = 1.0;
    }
    w->wp = next;
}

static inline void enter(worker *w, int mode) {
    w->mode = mode;
    w->timer = 0.0;
}

static inline void patrol(worker *w) {
    w->timer = w->timer + 1.0;
    w->energy = w->energy - 0.04;
    if (w->level >= 3) {
        enter(w, 2);
        return;
    }
    if (w->level >= 2) {
        enter(w, 1);
        return;
    }
    if (w->timer >= 3.0) {
        advance(w);
        w->timer = 0.0;
    }
    if (w->energy < 0.2) w->mode = 3;
}

static inline void investigate(worker *w) {
    w->timer = w->timer + 1.0;
    w->energy = w->energy - 0.02;
    if (w->level >= 3) {
        enter(w, 2);
        return;
    }
    if (w->level == 0 || w->timer > 4.0) {
        advance(w);
        enter(w, 0);
    }
}

static inline intent *combat(worker *w, double threat, int id, intent *out) {
    int n = 0;
    double damage = 0.0;
    while (n < 3 && w->energy > 0.1) {
        w->energy = w->energy - 0.03;
        damage = damage + threat * 0.5;
        n++;
        if (damage > 0.8) break;
    }
    *out++ = (intent){id, 1, (uint16_t)n, damage > 1.0 ? 1.0 : damage};
    if (w->level < 2) enter(w, 1);
    if (w->energy < 0.15) w->mode = 3;
    return out;
}

static inline void rest(worker *w) {
    w->energy = w->energy + 0.15;
    if (w->energy > 0.9) enter(w, 0);
    if (w->level >= 4) w->mode = 2;
}

static inline intent *worker_tick(worker *w, double threat, int id, intent *out) {
    assess(w, threat);
    switch (w->mode) {
    case 0: patrol(w); break;
    case 1: investigate(w); break;
    case 2: out = combat(w, threat, id, out); break;
    default: rest(w);
    }
    *out++ = (intent){id, 0, (uint16_t)w->mode, 0.2 * (double)w->level + 0.1};
    return out;
}

__attribute__((noinline)) static int worker_pass(worker *w, const double *threat, int n, intent *out) {
    intent *first = out;
    for (int i = 0; i < n; i++) out = worker_tick(w + i, threat[i], i, out);
    return (int)(out - first);
}

/* --------------------------------------------------------- perception scan */

enum { SEEN = 8 };

typedef struct {
    double type, urgency, distance;
} perception;

typedef struct {
    double fear;
    perception seen[SEEN];
} watcher;

static watcher *watchers;
static double *fresh_fear;

static inline intent *watcher_tick(watcher *w, int id, intent *out) {
    double threat = 0.0, best = 0.0;
    const perception *focus = 0;
    for (int k = 0; k < SEEN; k++) {
        const perception *p = &w->seen[k];
        if (p->distance > 40.0 || p->type == 0.0) continue;
        double score = p->urgency * (1.0 - p->distance * 0.02);
        if (p->type >= 4.0) {
            threat = threat + score;
            score = score * 1.5;
        }
        if (score > best) {
            best = score;
            focus = p;
        }
    }
    w->fear = w->fear * 0.8 + threat * 0.2;
    if (focus) *out++ = (intent){id, 2, (uint16_t)focus->type, best > 1.0 ? 1.0 : best};
    if (threat > 1.2) {
        double urgency = threat * 0.25;
        *out++ = (intent){id, 3, 1, urgency > 1.0 ? 1.0 : urgency};
    }
    return out;
}

__attribute__((noinline)) static int watcher_pass(watcher *w, int n, intent *out) {
    intent *first = out;
    for (int i = 0; i < n; i++) out = watcher_tick(w + i, i, out);
    return (int)(out - first);
}

/* -------------------------------------------------------------- expression */

typedef struct {
    double aggression, last_hostile_days, health, damage;
} fighter;

static fighter *fighters;
static double *results;

/* Without `&&` and `||`, so that the compiler has no branch to make. */
__attribute__((noinline)) static void fighter_pass(const fighter *restrict f, double *restrict result, int n) {
    for (int i = 0; i < n; i++) {
        int strong = ((f[i].aggression > 0.7) & (f[i].last_hostile_days < 3.0)) | (f[i].health < 0.25);
        result[i] = f[i].damage * (strong ? 1.5 : 1.0);
    }
}

/* ------------------------------------------------------------------ driver */

int setup(int n) {
    intents = calloc(2 * (size_t)n + 16, sizeof(intent));
    guards = malloc((size_t)n * sizeof(guard));
    fresh_guards = malloc((size_t)n * sizeof(guard));
    workers = malloc((size_t)n * sizeof(worker));
    fresh_workers = malloc((size_t)n * sizeof(worker));
    for (int t = 0; t < THREATS; t++) threats[t] = malloc((size_t)n * sizeof(double));
    random_state = 42;
    for (int i = 0; i < n; i++) {
        guard *g = fresh_guards + i;
        g->health = uniform();
        g->energy = uniform();
        g->threat = uniform();
        g->dist = uniform() * 50.0;
        g->allies = floor(uniform() * 4.0);
        g->alert = uniform() < 0.3;
        g->weapon = uniform() < 0.8;
        g->night = uniform() < 0.5;
        g->alertness = uniform();
        g->patrol = floor(uniform() * 8.0);
        g->cooldown = floor(uniform() * 4.0);
    }
    random_state = 45;
    for (int i = 0; i < n; i++) {
        worker *w = fresh_workers + i;
        w->mode = (int)floor(uniform() * 4.0);
        w->energy = uniform();
        w->wp = floor(uniform() * 6.0);
        w->dir = uniform() < 0.5 ? 1.0 : -1.0;
        w->timer = floor(uniform() * 3.0);
        w->level = 0;
        for (int t = 0; t < THREATS; t++) threats[t][i] = uniform();
    }
    watchers = malloc((size_t)n * sizeof(watcher));
    fresh_fear = malloc((size_t)n * sizeof(double));
    random_state = 43;
    for (int i = 0; i < n; i++) {
        fresh_fear[i] = uniform();
        for (int k = 0; k < SEEN; k++) {
            perception *p = &watchers[i].seen[k];
            p->type = floor(uniform() * 6.0);
            p->urgency = uniform();
            p->distance = uniform() * 50.0;
        }
    }
    fighters = malloc((size_t)n * sizeof(fighter));
    results = calloc((size_t)n, sizeof(double));
    random_state = 44;
    for (int i = 0; i < n; i++) {
        fighter *f = fighters + i;
        f->aggression = uniform();
        f->last_hostile_days = uniform() * 10.0;
        f->health = uniform();
        f->damage = uniform() * 20.0;
    }
    return 0;
}

/* Nanoseconds per actor and tick. */
double run_guard(int n, int ticks, int64_t *check) {
    memcpy(guards, fresh_guards, (size_t)n * sizeof(guard));
    double start = seconds();
    for (int t = 0; t < ticks; t++) intent_count = guard_pass(guards, n, intents);
    double taken = seconds() - start;
    *check = intent_hash();
    for (int i = 0; i < n; i++)
        *check += quantum(guards[i].alertness) + (int64_t)guards[i].patrol * 3 + (int64_t)guards[i].cooldown * 5;
    return taken / ticks / n * 1e9;
}

double run_state_machine(int n, int ticks, int64_t *check) {
    memcpy(workers, fresh_workers, (size_t)n * sizeof(worker));
    double start = seconds();
    for (int t = 0; t < ticks; t++) intent_count = worker_pass(workers, threats[t % THREATS], n, intents);
    double taken = seconds() - start;
    *check = intent_hash();
    for (int i = 0; i < n; i++)
        *check += quantum(workers[i].energy + 1.0) + (int64_t)workers[i].wp * 3 + (int64_t)workers[i].timer * 5 +
                  (int64_t)workers[i].mode * 7;
    return taken / ticks / n * 1e9;
}

double run_perception_scan(int n, int ticks, int64_t *check) {
    for (int i = 0; i < n; i++) watchers[i].fear = fresh_fear[i];
    double start = seconds();
    for (int t = 0; t < ticks; t++) intent_count = watcher_pass(watchers, n, intents);
    double taken = seconds() - start;
    *check = intent_hash();
    for (int i = 0; i < n; i++) *check += quantum(watchers[i].fear);
    return taken / ticks / n * 1e9;
}

double run_expression(int n, int ticks, int64_t *check) {
    double start = seconds();
    for (int t = 0; t < ticks; t++) fighter_pass(fighters, results, n);
    double taken = seconds() - start;
    *check = 0;
    for (int i = 0; i < n; i++) *check += quantum(results[i]);
    return taken / ticks / n * 1e9;
}
