flow keeper
  ; line 8: - parallel:
            0  PARALLEL  t0, ?
            1  JF        t0, L3
            2  RET       #null
  ; line 11: - emit: { signal: lit, payload: "${lamps}" }
    L3:     3  ARG       lamps
            4  EMIT      lit payload
  ; line 12: - branch: evening
            5  GOTO      evening branch
  ; line 8: - parallel:
            6  RET       #null

flow bell
  ; line 14: - wait_for: { all_of: ["@keeper.lit"], timeout: 2s, on_timeout: evening }
            7  DEADLINE  t0, #2s, 0
            8  ARG       t0
            9  WAITFOR   t0, ? all timeout, L14
           10  LOCALV    _signals, t0
           11  GETM      t0, t0, "last"
           12  LOCALV    _signal, t0
           13  JMP       L15
   L14:    14  GOTO      evening branch
  ; line 15: - sync: { point: dusk, timeout: 1s, on_timeout: [ { log: alone } ] }
   L15:    15  DEADLINE  t0, #1s, 0
           16  SYNC      t0, dusk, L18
           17  JMP       L20
   L18:    18  ARG       #"alone"
           19  LOG       info
  ; line 14: - wait_for: { all_of: ["@keeper.lit"], timeout: 2s, on_timeout: evening }
   L20:    20  RET       #null

flow evening
  ; line 17: - sync: dusk
           21  DEADLINE  t0, #null, 2
           22  SYNC      t0, dusk, -
           23  RET       #null

flow keeper
  ; line 9: - [ { increment: lamps }, { climb: {}, on_error: [ { log: slipped } ] } ]
           24  INC       lamps, lamps, #1
           25  ACT       t0, climb, -
           26  JMP       L31
   L27:    27  ARG       #"slipped"
           28  LOG       info
           29  JTRUE     _error_handled, L31
           30  RET       #true
   L31:    31  RET       #null
  on error 27..31: reraise L27 with t0
  on error 25..26: handle L27 with t0

flow keeper
  ; line 10: - { log: "up" }
           32  ARG       #"up"
           33  LOG       info
           34  RET       #null

thunk defaults of the document
  ; line 5: variables: { lamps: 0 }
           35  JGIVEN    lamps, L37
           36  MOV       lamps, #0
  ; line 1: # 7: marks of turns are beside the code; a wait for a signal, a barrier, arms, a branch
   L37:    37  FRET      #null

