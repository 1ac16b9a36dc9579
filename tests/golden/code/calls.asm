flow main
  ; line 6: - call: { flow: fetch, args: { what: rope }, into: got }
            0  ARG       #"rope"
            1  CALLFLOW  t0, fetch args (what)
            2  LOCALV    _result, t0
            3  SETV      got, t0
  ; line 7: - call: { flow: "${got.next}" }
            4  LOADV     t0, got
            5  GETM      t0, t0, "next"
            6  PFIN      t0, t0
            7  ARG       t0
            8  CALLFLOW  t0, ? args dynamic
            9  LOCALV    _result, t0
  ; line 8: - log: "${_result} ${args}"
           10  LOADV     t0, _result
           11  ARG       t0
           12  TEXT      t1, 1
   L13:    13  LOADV     t0, args
           14  ARG       t0
           15  TEXT      t2, 1
   L16:    16  ARG3      t1, #" ", t2
           17  TEXT      t0, 3
           18  ARG       t0
           19  LOG       info
  ; line 9: - goto: { flow: rest, args: { long: true } }
           20  ARG       #true
           21  GOTO      rest args (long)
  on error 10..13: substitute L13 with t1
  on error 13..16: substitute L16 with t2

flow fetch
  ; line 10: fetch:
           22  JBOUND    what, L24
           23  LOCALV    what, #null
   L24:    24  JBOUND    count, L26
           25  LOCALV    count, #2
  ; line 12: actions: [ { return: { value: "${[what, count]}" } } ]
   L26:    26  LIST      t3
           27  LOADV     t0, what
           28  PFIN      t0, t0
           29  APPEND    t3, t0
           30  LOADV     t0, count
           31  PFIN      t0, t0
           32  APPEND    t3, t0
           33  RET       t3

flow rest
  ; line 13: rest: [ { log: "${long}" } ]
           34  LOADV     t0, long
           35  PFIN      t0, t0
           36  ARG       t0
           37  TEXT      t4, 1
   L38:    38  ARG       t4
           39  TEXT      t0, 1
           40  ARG       t0
           41  LOG       info
           42  RET       #null
  on error 34..38: substitute L38 with t4

