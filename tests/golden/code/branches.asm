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
           10  JEQ       load, #4, L14
           11  JEQ       load, #"4", L14
           12  JEQ       load, #"five", L17
  ; line 14: - switch:
           13  JMP       L19
  ; line 16: cases: { 4: [ { log: "four" } ], five: [ { log: "five" } ] }
   L14:    14  ARG       #"four"
           15  LOG       info
  ; line 14: - switch:
           16  JMP       L19
  ; line 16: cases: { 4: [ { log: "four" } ], five: [ { log: "five" } ] }
   L17:    17  ARG       #"five"
           18  LOG       info
  ; line 7: - cond:
   L19:    19  RET       #null

thunk defaults of the document
  ; line 4: variables: { load: 3, heavy: false }
           20  JGIVEN    load, L22
           21  MOV       load, #3
   L22:    22  JGIVEN    heavy, L24
           23  MOV       heavy, #false
  ; line 1: # 6.4: conditions become compare-and-branch; a literal true leaves no test behind
   L24:    24  FRET      #null

