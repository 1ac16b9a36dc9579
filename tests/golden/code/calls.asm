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
  ; line 6: - call: { flow: fetch, args: { what: rope }, into: got }
           22  RET       #null
  on error 10..13: substitute L13 with t1
  on error 13..16: substitute L16 with t2

flow fetch
  ; line 10: fetch:
           23  JBOUND    what, L25
           24  LOCALV    what, #null
   L25:    25  JBOUND    count, L27
           26  LOCALV    count, #2
  ; line 12: actions: [ { return: { value: "${[what, count]}" } } ]
   L27:    27  LIST      t3
           28  LOADV     t0, what
           29  PFIN      t0, t0
           30  APPEND    t3, t0
           31  LOADV     t0, count
           32  PFIN      t0, t0
           33  APPEND    t3, t0
           34  RET       t3
           35  RET       #null

flow rest
  ; line 13: rest: [ { log: "${long}" } ]
           36  LOADV     t0, long
           37  PFIN      t0, t0
           38  ARG       t0
           39  TEXT      t4, 1
   L40:    40  ARG       t4
           41  TEXT      t0, 1
           42  ARG       t0
           43  LOG       info
           44  RET       #null
  on error 36..40: substitute L40 with t4

