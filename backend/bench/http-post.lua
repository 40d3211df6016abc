-- What `wrk` sends, and what it counts: jobs answered with 201, and everything else.
wrk.method = "POST"
wrk.body = '{"type":"email","data":{"to":"ada@example.com","subject":"' .. string.rep("hello world ", 6) .. '!"}}'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer " .. os.getenv("ENQUEUE_TOKEN")

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init()
  added = 0
  refused = 0
end

function response(status)
  if status == 201 then added = added + 1 else refused = refused + 1 end
end

function done(summary, latency)
  local sums = { added = 0, refused = 0 }
  for _, thread in ipairs(threads) do
    for name in pairs(sums) do sums[name] = sums[name] + thread:get(name) end
  end
  local errors = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    '\n{"added":%d,"refused":%d,"errors":%d,"ms":%f,"p50":%f,"p99":%f}\n',
    sums.added, sums.refused, errors, summary.duration / 1000,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000
  ))
end
