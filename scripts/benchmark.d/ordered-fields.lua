-- For wrk: sends one request again and again, its header fields in the order in which they are given.
-- Parameters: the fields, each as a line. wrk's own --header sends them in an order that differs from start to start. No client does: each
-- order makes Node's objects for header fields another kind of object, and after four kinds V8 stops telling them apart.

function init(fields)
  local lines = { 'GET ' .. wrk.path .. ' HTTP/1.1', 'Host: ' .. wrk.host .. ':' .. wrk.port }
  for _, field in ipairs(fields) do
    lines[#lines + 1] = field
  end
  local request = table.concat(lines, '\r\n') .. '\r\n\r\n'
  wrk.format = function()
    return request
  end
end
