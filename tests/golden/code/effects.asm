flow main
  ; line 7: - emit_intent: { channel: stance, action: watch, urgency: 0.4 }
            0  INTENT    stance, #"watch", #0.4
  ; line 8: - emit_intent: { channel: attention, action: look, target: "${keeper.post}", slowly: true }
            1  GETM      t0, keeper, "post"
            2  ARG2      t0, #true
            3  INTENTX   attention (target, slowly), #"look", #1.0
  ; line 9: - climb: { tower: "${keeper.post}", steps: [ 1, { fast: true } ] }
            4  GETM      t0, keeper, "post"
            5  LIST      t1
            6  APPEND    t1, #1
            7  MAP       t2
            8  PUT       t2, #"fast", #true
            9  APPEND    t1, t2
           10  DEADLINE  t2, #5s, 0
           11  ARG3      t0, t1, t2
           12  ACT       t0, climb await result timeout (tower, steps), L15
           13  SETV      outcome, t0
           14  JMP       L17
  ; line 12: on_timeout: [ { log: "too slow" } ]
   L15:    15  ARG       #"too slow"
           16  LOG       info
  ; line 14: - wait: { duration: 2s, until: "${ready}", timeout: 10s }
   L17:    17  DEADLINE  t3, #2s, 0
           18  DEADLINE  t4, #10s, 0
   L19:    19  JT        ready, L25
           20  JPAST     t3, L25
           21  JPAST     t4, L24
           22  YIELD     t3, t4, 1
           23  JMP       L19
   L24:    24  RAISE     "wait_timeout", #"the wait timed out"
  ; line 15: - emit: { signal: lit, payload: "${outcome}" }
   L25:    25  LOADV     t0, outcome
           26  PFIN      t0, t0
           27  ARG       t0
           28  EMIT      lit payload
  ; line 16: - wait_for: { any_of: [ lit, out ], timeout: 1s, on_timeout: [ { return: null } ] }
           29  DEADLINE  t0, #1s, 0
           30  ARG       t0
           31  WAITFOR   t0, ? any timeout, L36
           32  LOCALV    _signals, t0
           33  GETM      t0, t0, "last"
           34  LOCALV    _signal, t0
           35  JMP       L37
   L36:    36  RET       #null
  ; line 17: - set: { "keeper.post": "${_signal.name}", "keeper.log[0]": 1 }
   L37:    37  LOADV     t0, _signal
           38  GETM      t0, t0, "name"
           39  ARG       #"post"
           40  STORE     keeper.post set, t0
           41  ARG2      #"log", #0
           42  STORE     keeper.log[0] set, #1
  ; line 7: - emit_intent: { channel: stance, action: watch, urgency: 0.4 }
           43  RET       #null

thunk defaults of the document
  ; line 4: variables: { ready: false, keeper: { post: north } }
           44  JGIVEN    ready, L46
           45  MOV       ready, #false
   L46:    46  JGIVEN    keeper, L50
           47  MAP       t0
           48  PUT       t0, #"post", #"north"
           49  MOV       keeper, t0
  ; line 1: # 6.8, 7.3, 8.1, 8.4: waits, signals, domain actions and intents
   L50:    50  FRET      #null

