-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The annals authors
-- One event of 256 bytes of data a request, over 1,000 streams.
local body = '{"type":"measured","data":{"text":"' .. string.rep("x", 245) .. '"}}'
local next = 0
request = function()
  next = (next + 1) % 1000
  return wrk.format("POST", "/v1/streams/bench-" .. next,
                    {["Content-Type"] = "application/json"}, body)
end
done = function(summary)
  local errors = summary.errors
  io.write(string.format("requests %d seconds %.6f failed %d\n", summary.requests,
           summary.duration / 1e6,
           errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
