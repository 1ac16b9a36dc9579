# Generated from types.lark by abml/syntax/generate.py (make gen); do not edit.
"""LALR(1) tables: terminals, rules, actions and gotos, in the form `lalr.py` describes."""

from __future__ import annotations

END = 0
NAME = 1
QUESTION = 2
LESS = 3
GREATER = 4
ENUM_OPEN = 5
TEXT = 6
COMMA = 7
RPAR = 8

STARTS: dict[str, int] = {"type": 1}

TERMINALS = """
$END NAME QUESTION LESS GREATER ENUM_OPEN TEXT COMMA RPAR
"""

RULES = """
0:1:named 2:1:first 1:2:optional 3:1:first 0:3:enum 0:4:generic 2:3:more 3:3:more
"""

ACTION_ROWS = """
2:1 3:5 ; -2:0+2+4+7 6:3 ; 7:6 ; -1:0 9:2 ; -1:0 ; -3:7-8 ; 13:7 14:8 ; -4:0+4+7 ; 15:4 16:7 ; 9:2 -5:4+7 ; -5:4+7 ;
17:6 ; -6:0+2+4+7 ; -7:0+2+4+7 ; -8:7-8 ; 9:2 -9:4+7 ; -9:4+7
"""

ACTION_INDEX = """
0 1 2 3 4 0 5 6 7 8 9 10 11 12 13 0 14 15 16
"""

GOTO_ROWS = """
4:0 5:1 ; ; 8:2 ; 11:0 12:1 10:3 ; 18:0 19:1
"""

GOTO_INDEX = """
0 1 2 1 1 3 1 1 1 1 1 1 1 1 1 4 1 1 1
"""
