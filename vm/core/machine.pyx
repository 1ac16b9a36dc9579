# cython: language_level=3, boundscheck=True, wraparound=True, cdivision=True, initializedcheck=False
"""The machine: state of one actor and the loop that runs its program.

The hot loop stands in loop.h; this module holds the slow path of every
instruction (`*.pxi`, by subject), the heap and what Python code sees.
"""

cimport cython
from cpython.float cimport PyFloat_FromDouble
from cpython.long cimport PyLong_FromLongLong
from cpython.object cimport PyObject, PyTypeObject
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcpy, memset

import os
import sys
from bisect import bisect_right
from dataclasses import replace

from abml.builtins import FILTERS as FILTER_SPECS
from abml.builtins import arity_text, find_builtin
from abml.compiler.bytecode.opcodes import OPCODES as _OPCODES
from abml.compiler.bytecode.program import NO_REGISTER as _NO_REGISTER
from abml.environment import Limits
from abml.errors import KINDS, ProgramFormatError
from abml.source import Span
from abml.values import Duration, Provider, ValueFault, parse_duration
from abml.values import add as values_add
from abml.values import contains as values_contains
from abml.values import copy_value as values_copy
from abml.values import describe as values_describe
from abml.values import divide as values_divide
from abml.values import equal as values_equal
from abml.values import index as values_index
from abml.values import less as values_less
from abml.values import less_equal as values_less_equal
from abml.values import member as values_member
from abml.values import multiply as values_multiply
from abml.values import negate as values_negate
from abml.values import num as values_num
from abml.values import parse_number as values_parse_number
from abml.values import remainder as values_remainder
from abml.values import subtract as values_subtract
from abml.values import to_text as values_to_text
from abml.values import truthy as values_truthy
from abml.values import wrap_int as values_wrap_int
from abml.vm.core.conversion import convert as conversion_convert
from abml.vm.core.intents import channel_name
from abml.vm.core.paths import write as paths_write
from abml.vm.faults import Fault
from abml.vm.functions import FILTERS, FUNCTIONS, HIGHER_ORDER, Context
from abml.vm.functions import as_list as functions_as_list
from abml.vm.functions import call as functions_call
from abml.vm.random import Random
from abml.vm.scheduler.mailbox import Signal, post, take

include "declarations.pxi"
include "symbols.pxi"
include "image.pxi"
include "heap.pxi"
include "handling.pxi"
include "ops_values.pxi"
include "ops_scopes.pxi"
include "ops_flow.pxi"
include "ops_host.pxi"
include "dispatch.pxi"
include "activation.pxi"
include "snapshots.pxi"
include "fibers.pxi"
include "turns.pxi"
include "rows.pxi"
