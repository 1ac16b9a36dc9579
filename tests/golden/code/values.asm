flow main
  ; line 17: - set: { height: 0.75, name: "${'a' + 'b'}" }
            0  SETV      height, #0.75
            1  SETV      name, #"ab"
  ; line 18: - log: "${high ? 'high' : 'low'} ${height?.digits[0] ?? 'none'}"
            2  LOADV     t0, high
            3  JF        t0, L6
            4  MOV       t0, #"high"
            5  JMP       L7
    L6:     6  MOV       t0, #"low"
    L7:     7  ARG       t0
            8  TEXT      t1, 1
    L9:     9  LOADV     t0, height
           10  JNULL     t0, L14
           11  GETM      t0, t0, "digits"
           12  GETI      t0, t0, #0
           13  JMP       L15
   L14:    14  MOV       t0, #null
   L15:    15  JNOTNULL  t0, L17
           16  MOV       t0, #"none"
   L17:    17  ARG       t0
           18  TEXT      t2, 1
   L19:    19  ARG3      t1, #" ", t2
           20  TEXT      t0, 3
           21  ARG       t0
           22  LOG       info
  ; line 19: - return: { value: "${1 + 2 * 3}" }
           23  RET       #7
  ; line 17: - set: { height: 0.75, name: "${'a' + 'b'}" }
           24  RET       #null
  on error 2..9: substitute L9 with t1
  on error 9..19: substitute L19 with t2

function limit
  ; line 10: limit:
           25  JLT       #1, t5, L27
           26  MOV       t4, #0.25
  ; line 13: base = hours * 0.5
   L27:    27  MUL       t0, t3, #0.5
  ; line 14: return base + slack
           28  ADD       t0, t0, t4
  ; line 10: limit:
           29  FRET      t0

thunk source of height
  ; line 6: height: { type: float, source: "${world.sea.height}", default: 0.5 }
           30  LOADD     t0, world
           31  GETM      t0, t0, "sea"
           32  GETM      t0, t0, "height"
           33  PFIN      t0, t0
           34  JNULL     t0, L37
           35  CONVERT   t0, t0, "float"
           36  FRET      t0
   L37:    37  FRET      $height

thunk computed of high
  ; line 7: high: { type: bool, computed: "${height > limit(2)}" }
           38  LOADD     t6, height
           39  ARG       #2
           40  CALLF     t0, limit, 1
           41  LT        t0, t0, t6
           42  FRET      t0

thunk defaults of the document
  ; line 6: height: { type: float, source: "${world.sea.height}", default: 0.5 }
           43  JGIVEN    $height, L45
           44  CONVERT   $height, #0.5, "float"
   L45:    45  LAZY      height
  ; line 7: high: { type: bool, computed: "${height > limit(2)}" }
           46  LAZY      high
  ; line 8: day: { type: duration, default: "${60 * 60 * 24 * 1s}" }
           47  JGIVEN    day, L49
           48  CONVERT   day, #86400s, "duration"
  ; line 1: # 1.4, 4.9: defaults, source and computed variables, document functions, constants folded
   L49:    49  FRET      #null

