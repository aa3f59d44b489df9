-- SPDX-License-Identifier: Apache-2.0
-- SPDX-FileCopyrightText: The annals authors
-- 20 events of a stream.
request = function()
  return wrk.format("GET", "/v1/streams/page-1?limit=20")
end
done = function(summary)
  local errors = summary.errors
  io.write(string.format("requests %d seconds %.6f failed %d\n", summary.requests,
           summary.duration / 1e6,
           errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
