-- The workloads of this folder by hand in Lua, one table per actor.
-- usage: luajit -joff workloads.lua guard|state_machine|perception_scan|expression N TICKS ROUNDS
-- Prints one line per round: nanoseconds per actor and tick, and the checksum.
local name, N, T, R = arg[1], tonumber(arg[2]), tonumber(arg[3]), tonumber(arg[4])
local floor, clock = math.floor, os.clock
local state
local function uniform()
  state = state * 16807 % 2147483647
  return state / 2147483647
end
local function quantum(x) return floor(x * 65536) end

local channels, actions, urgencies, count = {}, {}, {}, 0
for i = 1, 2 * N do channels[i], actions[i], urgencies[i] = 0, 0, 0.0 end
local function emit(channel, action, urgency)
  count = count + 1
  channels[count], actions[count], urgencies[count] = channel, action, urgency
end
local function hash()
  local sum = 0
  for i = 1, count do sum = sum + (channels[i] * 31 + actions[i] * 7 + 1) * quantum(urgencies[i]) end
  return sum
end

local workloads = {}

function workloads.guard()
  local actors = {}
  state = 42
  for i = 1, N do
    local g = {}
    g.health, g.energy, g.threat = uniform(), uniform(), uniform()
    g.dist, g.allies = uniform() * 50, floor(uniform() * 4)
    g.alert, g.weapon, g.night = uniform() < 0.3, uniform() < 0.8, uniform() < 0.5
    g.alertness0, g.patrol0, g.cooldown0 = uniform(), floor(uniform() * 8), floor(uniform() * 4)
    g.alertness, g.patrol, g.cooldown = 0, 0, 0
    actors[i] = g
  end
  local function tick(g)
    local threat, energy, health = g.threat, g.energy, g.health
    local best, score = 0, 0.4 + 0.3 * energy - 0.5 * threat
    local engage = threat * 1.2 - g.dist * 0.02 + g.allies * 0.1
    if not g.weapon then engage = engage - 0.6 end
    if engage > score then best, score = 1, engage end
    local flee = (1 - health) * 0.9 + threat * 0.3
    if health < 0.25 and threat > 0.3 then flee = flee + 0.5 end
    if flee > score then best, score = 2, flee end
    local rest = (1 - energy) * 0.7
    if g.night then rest = rest + 0.15 end
    if g.alert then rest = rest * 0.25 end
    if rest > score then best, score = 3, rest end
    if best == 0 then
      local next = g.patrol + 1
      if next >= 8 then next = 0 end
      g.patrol = next
    end
    g.alertness = g.alertness * 0.9 + threat * 0.1
    if g.cooldown > 0 then g.cooldown = g.cooldown - 1 end
    if score > 1 then score = 1 end
    if score < 0 then score = 0 end
    emit(0, best, score)
    if best == 1 and g.cooldown == 0 then
      g.cooldown = 3
      emit(1, 4, g.alertness)
    end
  end
  local function reset()
    for i = 1, N do
      local g = actors[i]
      g.alertness, g.patrol, g.cooldown = g.alertness0, g.patrol0, g.cooldown0
    end
  end
  local function pass() for i = 1, N do tick(actors[i]) end end
  local function check()
    local sum = hash()
    for i = 1, N do
      local g = actors[i]
      sum = sum + quantum(g.alertness) + 3 * g.patrol + 5 * g.cooldown
    end
    return sum
  end
  return reset, pass, check
end

function workloads.state_machine()
  local actors, threats = {}, {}
  for t = 0, 7 do threats[t] = {} end
  state = 45
  for i = 1, N do
    local w = { mode = 0, energy = 0, wp = 0, dir = 0, timer = 0, level = 0 }
    w.mode0, w.energy0, w.wp0 = floor(uniform() * 4), uniform(), floor(uniform() * 6)
    w.dir0 = uniform() < 0.5 and 1 or -1
    w.timer0 = floor(uniform() * 3)
    for t = 0, 7 do threats[t][i] = uniform() end
    actors[i] = w
  end
  local function assess(w, threat)
    local level, x = 0, threat
    while level < 4 and x > 0.25 do
      x = x * 0.75 - 0.05
      level = level + 1
    end
    w.level = level
  end
  local function advance(w)
    local next = w.wp + w.dir
    if next >= 6 then
      w.dir, next = -1, 4
    elseif next < 0 then
      w.dir, next = 1, 1
    end
    w.wp = next
  end
  local function patrol(w)
    w.timer = w.timer + 1
    w.energy = w.energy - 0.04
    if w.level >= 3 then w.mode, w.timer = 2, 0 return end
    if w.level >= 2 then w.mode, w.timer = 1, 0 return end
    if w.timer >= 3 then advance(w) w.timer = 0 end
    if w.energy < 0.2 then w.mode = 3 end
  end
  local function investigate(w)
    w.timer = w.timer + 1
    w.energy = w.energy - 0.02
    if w.level >= 3 then w.mode, w.timer = 2, 0 return end
    if w.level == 0 or w.timer > 4 then advance(w) w.mode, w.timer = 0, 0 end
  end
  local function combat(w, threat)
    local n, damage = 0, 0
    while n < 3 and w.energy > 0.1 do
      w.energy = w.energy - 0.03
      damage = damage + threat * 0.5
      n = n + 1
      if damage > 0.8 then break end
    end
    emit(1, n, damage > 1 and 1 or damage)
    if w.level < 2 then w.mode, w.timer = 1, 0 end
    if w.energy < 0.15 then w.mode = 3 end
  end
  local function rest(w)
    w.energy = w.energy + 0.15
    if w.energy > 0.9 then w.mode, w.timer = 0, 0 end
    if w.level >= 4 then w.mode = 2 end
  end
  local function tick(w, threat)
    assess(w, threat)
    local mode = w.mode
    if mode == 0 then patrol(w) elseif mode == 1 then investigate(w) elseif mode == 2 then combat(w, threat) else rest(w) end
    emit(0, w.mode, 0.2 * w.level + 0.1)
  end
  local function reset()
    for i = 1, N do
      local w = actors[i]
      w.mode, w.energy, w.wp, w.dir, w.timer, w.level = w.mode0, w.energy0, w.wp0, w.dir0, w.timer0, 0
    end
  end
  local function pass(t)
    local now = threats[t % 8]
    for i = 1, N do tick(actors[i], now[i]) end
  end
  local function check()
    local sum = hash()
    for i = 1, N do
      local w = actors[i]
      sum = sum + quantum(w.energy + 1) + 3 * w.wp + 5 * w.timer + 7 * w.mode
    end
    return sum
  end
  return reset, pass, check
end

function workloads.perception_scan()
  local actors = {}
  state = 43
  for i = 1, N do
    local w = { fear = 0, fear0 = uniform(), seen = {} }
    for k = 1, 8 do
      local kind, urgency = floor(uniform() * 6), uniform()
      w.seen[k] = { type = kind, urgency = urgency, distance = uniform() * 50 }
    end
    actors[i] = w
  end
  local function tick(w)
    local threat, best, focus = 0, 0, nil
    local seen = w.seen
    for k = 1, #seen do
      local p = seen[k]
      if p.distance <= 40 and p.type ~= 0 then
        local score = p.urgency * (1 - p.distance * 0.02)
        if p.type >= 4 then
          threat = threat + score
          score = score * 1.5
        end
        if score > best then best, focus = score, p end
      end
    end
    w.fear = w.fear * 0.8 + threat * 0.2
    if focus then emit(2, focus.type, best > 1 and 1 or best) end
    if threat > 1.2 then
      local urgency = threat * 0.25
      emit(3, 1, urgency > 1 and 1 or urgency)
    end
  end
  local function reset()
    for i = 1, N do actors[i].fear = actors[i].fear0 end
  end
  local function pass() for i = 1, N do tick(actors[i]) end end
  local function check()
    local sum = hash()
    for i = 1, N do sum = sum + quantum(actors[i].fear) end
    return sum
  end
  return reset, pass, check
end

function workloads.expression()
  local actors = {}
  state = 44
  for i = 1, N do
    local f = { result = 0 }
    f.aggression, f.last_hostile_days = uniform(), uniform() * 10
    f.health, f.damage = uniform(), uniform() * 20
    actors[i] = f
  end
  local function tick(f)
    f.result = (f.aggression > 0.7 and f.last_hostile_days < 3 or f.health < 0.25) and f.damage * 1.5 or f.damage
  end
  local function reset() end
  local function pass() for i = 1, N do tick(actors[i]) end end
  local function check()
    local sum = 0
    for i = 1, N do sum = sum + quantum(actors[i].result) end
    return sum
  end
  return reset, pass, check
end

local reset, pass, check = workloads[name]()
for _ = 1, R do
  reset()
  local start = clock()
  for t = 0, T - 1 do
    count = 0
    pass(t)
  end
  print(string.format("%.3f %.0f", (clock() - start) / T / N * 1e9, check()))
end
