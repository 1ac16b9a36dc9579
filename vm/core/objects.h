/* Objects behind handles, as the loop sees them: the table that owns them, fields
 * of maps, elements of lists, iteration.
 *
 * Only exact lists, maps and plain values are known here. Whatever else is met, and
 * every error, is left to the slow path: a function then gives 0 and no exception.
 */
#ifndef ABML_OBJECTS_H
#define ABML_OBJECTS_H

#include "state.h"

/* How `Iterator` of heap.pxi lies in memory; the module compares the sizes when it is loaded. */
typedef struct {
    PyObject_HEAD
    PyObject *items; /* a list: the snapshot, or while it is shared the collection itself */
    Py_ssize_t position;
    int is_limited, is_shared;
} abml_iterator;

static PyTypeObject *abml_iterator_type, *abml_provider_type;

#define ABML_MAX_HANDLES (1u << 28)
#define ABML_NO_HANDLE 0xFFFFFFFFu
/* Longer texts are not looked up among the symbols. */
#define ABML_SYMBOL_LENGTH 32

/* Room for more objects; 0 when there is none. */
static ABML_COLD int abml_grow_heap(abml_heap *h) {
    uint32_t size = h->size ? h->size * 2 : 64;
    void *grown;
    if (h->size >= ABML_MAX_HANDLES) return 0;
    if (!(grown = realloc(h->objects, size * sizeof *h->objects))) return 0;
    h->objects = grown;
    if (!(grown = realloc(h->links, size * sizeof *h->links))) return 0;
    h->links = grown;
    if (!(grown = realloc(h->ages, size))) return 0;
    h->ages = grown;
    h->size = size;
    return 1;
}

/* A handle of an object, which the table holds until a collection finds it unused; 0 when there is no room. */
static inline abml_cell abml_new_handle(abml_vm *m, PyObject *object) {
    abml_heap *h = &m->heap;
    uint32_t index = h->free;
    if (index != ABML_NO_HANDLE) {
        h->free = h->links[index];
    } else {
        if (ABML_UNLIKELY(h->used == h->size) && !abml_grow_heap(h)) return 0;
        index = h->used++;
    }
    Py_INCREF(object);
    h->objects[index] = object;
    h->ages[index] = ABML_YOUNG;
    h->links[index] = h->young;
    h->young = index;
    h->live++;
    if (ABML_UNLIKELY(++h->fresh >= ABML_MOST_FRESH)) abml_request(m);
    return abml_from_handle(index);
}

static inline PyObject *abml_object(const abml_vm *m, abml_cell v) { return m->heap.objects[abml_payload32(v)]; }

/* What abml_plain knows besides floats. */
static ABML_NOINLINE int abml_plain_object(abml_vm *m, PyObject *value, abml_cell *cell) {
    PyTypeObject *type = Py_TYPE(value);
    if (type == &PyLong_Type) {
        int overflow;
        long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
        if (ABML_UNLIKELY(overflow)) return 0;
        *cell = abml_fits_int48(number) ? abml_from_int48(number) : abml_new_handle(m, value);
        return *cell != 0;
    }
    if (type == &PyUnicode_Type) {
        if (PyUnicode_GET_LENGTH(value) <= ABML_SYMBOL_LENGTH) {
            PyObject *number = PyDict_GetItemWithError(m->symbols, value);
            if (number) {
                *cell = abml_from_symbol((uint32_t)PyLong_AsUnsignedLong(number));
                return 1;
            }
            if (ABML_UNLIKELY(PyErr_Occurred() != 0)) {
                PyErr_Clear();
                return 0;
            }
        }
    } else if (type == &PyBool_Type || value == Py_None) {
        *cell = value == Py_None ? ABML_NULL : abml_from_bool(value == Py_True);
        return 1;
    } else if (type != &PyDict_Type && type != &PyList_Type) {
        return 0;
    }
    *cell = abml_new_handle(m, value);
    return *cell != 0;
}

/* The cell of null, a bool, number, text, list or map; 0 for anything else. */
static inline int abml_plain(abml_vm *m, PyObject *value, abml_cell *cell) {
    if (!PyFloat_CheckExact(value)) return abml_plain_object(m, value, cell);
    *cell = abml_from_double(PyFloat_AS_DOUBLE(value));
    return 1;
}

/* The entry of a map under a name that it has. */
static inline int abml_member(abml_vm *m, abml_cell target, abml_name *name, abml_cell *cell) {
    PyObject *object, *value;
    if (!abml_is_heap(target)) return 0;
    object = abml_object(m, target);
    if (ABML_UNLIKELY(!PyDict_CheckExact(object))) return 0;
    value = abml_entry(object, name);
    if (ABML_UNLIKELY(!value)) {
        PyErr_Clear();
        return 0;
    }
    return abml_plain(m, value, cell);
}

/* The element of a list at a whole number inside it. */
static inline int abml_element(abml_vm *m, abml_cell target, abml_cell index, abml_cell *cell) {
    PyObject *object;
    if (!abml_is_heap(target) || !abml_is_int(index)) return 0;
    object = abml_object(m, target);
    if (!PyList_CheckExact(object) || (uint64_t)abml_to_int(index) >= (uint64_t)PyList_GET_SIZE(object)) return 0;
    return abml_plain(m, PyList_GET_ITEM(object, abml_to_int(index)), cell);
}

/* 1 or 0 for a list or map, else -1. */
static inline int abml_object_truth(const abml_vm *m, abml_cell v) {
    PyObject *object = abml_object(m, v);
    if (PyDict_CheckExact(object)) return PyDict_GET_SIZE(object) != 0;
    if (PyList_CheckExact(object)) return PyList_GET_SIZE(object) != 0;
    return -1;
}

/* Whether using a value must ask a provider. */
static inline int abml_is_provider(const abml_vm *m, abml_cell v) {
    return abml_is_heap(v) && Py_TYPE(abml_object(m, v)) == abml_provider_type;
}

/* An iterator over a list; 0 when the slow path must make it.
 *
 * It shares the list instead of copying it: before an instruction that may change lists or
 * runs code of the host, the slow path gives everyone that shares a copy (`unshare`). */
static inline abml_cell abml_iterate(abml_vm *m, abml_cell collection) {
    PyObject *list;
    abml_iterator *iterator;
    abml_cell cell;
    /* Fibers that take turns may change the list of one another. */
    if (!abml_is_heap(collection) || m->base || m->nshared >= ABML_MOST_SHARED) return 0;
    list = abml_object(m, collection);
    if (!PyList_CheckExact(list)) return 0;
    iterator = (abml_iterator *)abml_iterator_type->tp_alloc(abml_iterator_type, 0);
    if (ABML_UNLIKELY(!iterator)) {
        PyErr_Clear();
        return 0;
    }
    Py_INCREF(list);
    iterator->items = list;
    iterator->is_limited = iterator->is_shared = 1;
    cell = abml_new_handle(m, (PyObject *)iterator);
    Py_DECREF(iterator);
    if (cell) m->shared[m->nshared++] = abml_payload32(cell);
    return cell;
}

static inline abml_iterator *abml_iterator_at(const abml_vm *m, abml_cell v) {
    PyObject *object = abml_is_heap(v) ? abml_object(m, v) : 0;
    return object && Py_TYPE(object) == abml_iterator_type ? (abml_iterator *)object : 0;
}

/* The loop over an iterator is over. */
static inline void abml_end_iteration(abml_vm *m, abml_cell v) {
    if (m->nshared && m->shared[m->nshared - 1] == abml_payload32(v)) m->nshared--;
}

#endif
