flow main
  ; line 10: collection: "${crates.filter(c => c.weight > 2)}"
            0  LIST      t0
            1  ITERL     t1, crates, filter
    L2:     2  NEXT      t1, t2, L7
            3  GETM      t2, t2, "weight"
            4  LT        t2, #2, t2
            5  APPEND    t0, t2
            6  JMP       L2
    L7:     7  ARG2      crates, t0
            8  CALLH     t0, filter, 2
  ; line 7: - for_each:
            9  ITER      t3, t0
   L10:    10  NEXT      t3, t0, L26
           11  SCOPE
           12  LOCALV    crate, t0
           13  INDEX     t0, t3
           14  LOCALV    position, t0
  ; line 12: - condition: "${crate.sealed}"
           15  LOADV     t0, crate
           16  GETM      t0, t0, "sealed"
           17  PFIN      t0, t0
           18  JF        t0, L24
  ; line 13: - if: { condition: "${position > 5}", then: [ break ], else: [ continue ] }
           19  LOADV     t0, position
           20  PFIN      t0, t0
           21  JNLT      #5, t0, L24
           22  UNSCOPE   1
           23  JMP       L26
  ; line 7: - for_each:
   L24:    24  UNSCOPE   1
           25  JMP       L10
  ; line 14: - repeat: { times: 3, variable: round, do: [ { set: { seen: "${seen + round}" } } ] }
   L26:    26  MOV       t3, #-1
   L27:    27  COUNT     t3, #3, L35
           28  SCOPE
           29  LOCALV    round, t3
           30  LOADV     t0, round
           31  PFIN      t0, t0
           32  ADD       seen, seen, t0
           33  UNSCOPE   1
           34  JMP       L27
  ; line 15: - repeat: { times: 2, do: [ { increment: { variable: seen, by: 2 } } ] }
   L35:    35  MOV       t0, #-1
   L36:    36  COUNT     t0, #2, L39
           37  INC       seen, seen, #2
           38  JMP       L36
  ; line 7: - for_each:
   L39:    39  RET       #null

thunk defaults of the document
  ; line 4: variables: { crates: [], seen: 0 }
           40  JGIVEN    crates, L42
           41  LIST      crates
   L42:    42  JGIVEN    seen, L44
           43  MOV       seen, #0
  ; line 1: # 6.4: iteration scopes, break and continue leave them; a lambda is a loop of its own
   L44:    44  FRET      #null

