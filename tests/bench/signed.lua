-- The requests that signed.py made, in turn.
local requests, at = {}, 0
function init(args)
  for line in io.lines(os.getenv("SIGNED")) do
    local target, headers = nil, {}
    for part in line:gmatch("[^\t]+") do
      if target == nil then
        target = part
      else
        local name, value = part:match("^([^:]+): (.*)$")
        headers[name] = value
      end
    end
    requests[#requests + 1] = wrk.format("GET", target, headers)
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
