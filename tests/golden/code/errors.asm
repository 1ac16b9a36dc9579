flow main
  ; line 11: - patch_sail: { size: 4 }
            0  ARG       #4
            1  ACT       t0, patch_sail (size), -
            2  JMP       L6
  ; line 12: on_error: [ { set: { _error_handled: true } } ]
    L3:     3  SETV      _error_handled, #true
  ; line 11: - patch_sail: { size: 4 }
            4  JTRUE     _error_handled, L6
            5  RET       #null
  ; line 15: collection: "${holes}"
    L6:     6  LOADV     t0, holes
            7  PFIN      t0, t0
  ; line 13: - for_each:
            8  ITER      t4, t0
    L9:     9  NEXT      t4, t0, L19
           10  SCOPE
           11  LOCALV    hole, t0
  ; line 16: do: [ { plug: { hole: "${hole}" } } ]
           12  LOADV     t0, hole
           13  PFIN      t0, t0
           14  ARG       t0
           15  ACT       t0, plug (hole), -
  ; line 13: - for_each:
           16  UNSCOPE   1
           17  JMP       L9
  ; line 17: on_error: [ { return: 1 } ]
   L18:    18  RET       #1
  ; line 18: - log: "left ${1 / parts}"
   L19:    19  LOADV     t0, parts
           20  PFIN      t0, t0
           21  DIV       t0, #1, t0
           22  ARG       t0
           23  TEXT      t1, 1
   L24:    24  ARG2      #"left ", t1
           25  TEXT      t0, 2
           26  ARG       t0
           27  LOG       info
  ; line 11: - patch_sail: { size: 4 }
           28  RET       #null
  ; line 8: - log: "main: ${_error.kind}"
   L29:    29  LOADV     t0, _error
           30  GETM      t0, t0, "kind"
           31  ARG       t0
           32  TEXT      t3, 1
   L33:    33  ARG2      #"main: ", t3
           34  TEXT      t0, 2
           35  ARG       t0
           36  LOG       info
  ; line 9: - set: { _error_handled: true }
           37  SETV      _error_handled, #true
  ; line 11: - patch_sail: { size: 4 }
           38  JTRUE     _error_handled, L40
           39  RET       #null
   L40:    40  RESUME    t2
  on error 3..6: reraise L3 with t0
  on error 0..2: handle L3 with t0
  on error 18..19: reraise L18 with t0
  on error 6..18: handle L18 with t0
  on error 19..24: substitute L24 with t1
  on error 29..33: substitute L33 with t3
  on error 29..41: reraise L29 with t4
  on error 0..29: handle L29 with t4, resume in t2

flow last_resort
  ; line 19: last_resort: [ { log: "sinking" } ]
           41  ARG       #"sinking"
           42  LOG       info
           43  RET       #null

