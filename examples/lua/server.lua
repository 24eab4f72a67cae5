-- Ranks documents by how many words of the query they have; rare words count more.
local socket = require("socket")
local json = require("cjson")

local function words(text)
  local found = {}
  for word in text:lower():gmatch("%w+") do
    found[word] = (found[word] or 0) + 1
  end
  return found
end

-- The gateway leaves what `forward` names to this server: its body is checked here.
local function is_rankable(request)
  if type(request) ~= "table" or type(request.query) ~= "string" or request.query == "" or
      type(request.documents) ~= "table" or #request.documents == 0 then
    return false
  end
  for _, document in ipairs(request.documents) do
    if type(document) ~= "string" then return false end
  end
  return true
end

local function rank(request)
  local documents, frequency = {}, {}
  for i, text in ipairs(request.documents) do
    documents[i] = words(text)
    for word in pairs(documents[i]) do
      frequency[word] = (frequency[word] or 0) + 1
    end
  end
  local scores = {}
  for i, document in ipairs(documents) do
    local score = 0
    for word in pairs(words(request.query)) do
      if document[word] then
        score = score + math.log(1 + #documents / frequency[word])
      end
    end
    scores[i] = { index = i - 1, score = score }
  end
  table.sort(scores, function(a, b)
    return a.score > b.score or (a.score == b.score and a.index < b.index)
  end)
  return scores
end

local function reply(client, status, body)
  client:send(("HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s")
    :format(status, #body, body))
end

local function reply_ranked(client, request)
  local order = {}
  local scores = rank(request)
  for i, entry in ipairs(scores) do
    order[i] = entry.index
  end
  reply(client, "200 OK", json.encode({ order = order, scores = scores }))
end

local function reply_stream(client, request)
  client:send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" ..
    "Transfer-Encoding: chunked\r\n\r\n")
  for _, entry in ipairs(rank(request)) do
    local event = "data: " .. json.encode(entry) .. "\n\n"
    client:send(("%x\r\n%s\r\n"):format(#event, event))
  end
  client:send("0\r\n\r\n")
end

local routes = {
  ["POST /rank"] = reply_ranked,
  ["POST /rank/stream"] = reply_stream,
}

-- One request; false when the connection is over. The gateway in front sends a length always.
local function serve(client)
  local line = client:receive("*l")
  if not line then return false end
  local length = 0
  repeat
    local header = client:receive("*l")
    if not header then return false end
    length = tonumber(header:lower():match("^content%-length:%s*(%d+)$")) or length
  until header == ""
  local body = length > 0 and client:receive(length) or ""
  local method, path = line:match("^(%S+) (%S+)")
  if path == "/healthz" then
    reply(client, "200 OK", "{}")
  elseif routes[method .. " " .. path] then
    local ok, request = pcall(json.decode, body)
    if not ok then
      reply(client, "400 Bad Request", '{"detail":"not JSON"}')
    elseif not is_rankable(request) then
      reply(client, "400 Bad Request", '{"detail":"a query and documents are needed"}')
    else
      routes[method .. " " .. path](client, request)
    end
  else
    reply(client, "404 Not Found", '{"detail":"Not Found"}')
  end
  return true
end

-- Connections are kept open between requests; whichever has one is served.
local server = assert(socket.bind("127.0.0.1", tonumber(arg[1])))
local clients = {}
while true do
  local readable = socket.select({ server, table.unpack(clients) }, nil)
  for _, ready in ipairs(readable) do
    if ready == server then
      clients[#clients + 1] = server:accept()
    elseif not serve(ready) then
      ready:close()
      for i, client in ipairs(clients) do
        if client == ready then table.remove(clients, i) break end
      end
    end
  end
end
