# Symbols: the process-wide table of interned texts. It only grows.

cdef list _symbol_texts = [""]
cdef dict _symbol_numbers = {"": 0}


cdef uint32_t intern_symbol(str text):
    """The number of a text, which it keeps for the life of the process."""
    found = _symbol_numbers.get(text)
    if found is None:
        found = len(_symbol_texts)
        _symbol_texts.append(text)
        _symbol_numbers[text] = found
    return found


cdef inline str symbol_text(uint32_t number):
    return <str>_symbol_texts[number]
