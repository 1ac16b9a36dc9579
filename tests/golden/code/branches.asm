flow main
  ; line 8: - when: "${load > 10 && !heavy}"
            0  JNLT      #10, load, L4
            1  JT        heavy, L4
  ; line 9: then: [ { set: { heavy: true } } ]
            2  MOV       heavy, #true
  ; line 7: - cond:
            3  JMP       L8
  ; line 10: - when: "${load == 0 || heavy}"
    L4:     4  JEQ       load, #0, L6
            5  JF        heavy, L7
  ; line 11: then: [ { return: "empty" } ]
    L6:     6  RET       #"empty"
  ; line 12: - else: [ { increment: load } ]
    L7:     7  INC       load, load, #1
  ; line 13: - if: { condition: true, then: [ { log: "always" } ] }
    L8:     8  ARG       #"always"
            9  LOG       info
  ; line 16: cases: { 4: [ { log: "four" } ], five: [ { log: "five" } ] }
           10  JEQ       load, #4, L15
           11  JEQ       load, #"five", L18
           12  JEQ       load, #"4", L15
  ; line 17: default: [ noop ]
           13  NOP
  ; line 14: - switch:
           14  JMP       L20
  ; line 16: cases: { 4: [ { log: "four" } ], five: [ { log: "five" } ] }
   L15:    15  ARG       #"four"
           16  LOG       info
  ; line 14: - switch:
           17  JMP       L20
  ; line 16: cases: { 4: [ { log: "four" } ], five: [ { log: "five" } ] }
   L18:    18  ARG       #"five"
           19  LOG       info
  ; line 7: - cond:
   L20:    20  RET       #null

thunk defaults of the document
  ; line 4: variables: { load: 3, heavy: false }
           21  JGIVEN    load, L23
           22  MOV       load, #3
   L23:    23  JGIVEN    heavy, L25
           24  MOV       heavy, #false
  ; line 1: # 6.4: conditions become compare-and-branch; a literal true leaves no test behind
   L25:    25  FRET      #null

