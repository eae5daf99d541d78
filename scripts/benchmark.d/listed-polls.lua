-- For wrk: sends the requests of a file in turn, one a line, its line ends written as \r\n.
-- Parameters: the file; milliseconds between an answer on a connection and the next request there (0).

local requests = {}
local sent = 0
local pause = 0

function init(parameters)
  for line in io.lines(parameters[1]) do
    requests[#requests + 1] = line:gsub("\\r\\n", "\r\n")
  end
  pause = tonumber(parameters[2] or "0")
end

function request()
  sent = sent + 1
  return requests[(sent - 1) % #requests + 1]
end

function delay()
  return pause
end
