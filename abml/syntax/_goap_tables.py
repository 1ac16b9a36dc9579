# Generated from goap.lark by abml/syntax/generate.py (make gen); do not edit.
"""LALR(1) tables: terminals, rules, actions and gotos, in the form `lalr.py` describes."""

from __future__ import annotations

END = 0
KEY = 1
COMPARE = 2
SIGN = 3
SIGN_ASSIGN = 4
ASSIGN = 5
OR = 6
NUMBER = 7
WORD = 8
QUOTED = 9
EXPRESSION = 10
TEXT = 11

STARTS: dict[str, int] = {"condition": 1, "effect": 2, "condition_item": 3, "effect_item": 4}

TERMINALS = """
$END KEY COMPARE SIGN SIGN_ASSIGN ASSIGN OR NUMBER WORD QUOTED EXPRESSION TEXT
"""

RULES = """
2:1:number 2:1:word 2:1:quoted 1:1:expression 2:1:text 0:1:equals 4:1:first 3:1:put 0:2:compare 3:2:delta 3:2:assign
4:3:more 5:3:keyed_condition 6:3:keyed_delta 6:3:keyed_assign
"""

ACTION_ROWS = """
5:2 6:7 7:8 8:9 9:10 10:11 ; 14:3 15:5 6:7 7:8 8:9 10:11 ; 19:1 ; 21:1 ; 6:7 7:8 8:9 9:10 10:11 ; -2:0+6 ; -3:0+6 ;
-4:0+6 ; -5:0 ; -6:0+6 ; -1:0 ; -7:0 ; 25:7 ; 6:7 7:8 8:9 10:11 ; -8:0+6 ; -1:0 27:6 ; -9:0+6 ; 28:2 ; 29:4 30:5 ; -10:0
; -11:0+6 ; -12:0+6 ; 34:7 ; -13:0+6 ; -14:0 ; -15:0 ; -16:0
"""

ACTION_INDEX = """
0 1 2 3 4 5 6 7 8 9 10 11 11 12 13 14 15 16 17 10 18 10 19 19 20 21 1 4 22 13 23 24 24 25 26
"""

GOTO_ROWS = """
11:0 12:1 13:2 ; 18:2 16:3 17:4 ; 20:5 ; 22:6 ; 23:1 24:2 ; ; 26:2 ; 18:2 31:3 ; 32:1 33:2 ; 35:2
"""

GOTO_INDEX = """
0 1 2 3 4 5 5 5 5 5 5 5 5 5 6 5 5 5 5 5 5 5 5 5 5 5 7 8 5 9 5 5 5 5 5
"""
