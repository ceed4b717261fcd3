-- Posts patients that do not exist yet, as fast as the connections allow:
--
--   medibridge-sandbox --patients 0 --api-key k &          (prints the address)
--   wrk -t1 -c8 -d10s -H 'Authorization: Bearer k' -s bench/post_patients.lua http://127.0.0.1:PORT/v5
--
-- The path of the URL is Medicapp's base path. The key is wrk's header as above, or the
-- environment variable MEDICAPP_API_KEY. At the end a table of statuses is printed.

local threads = {}

function setup(thread)
    thread:set("number", #threads)
    table.insert(threads, thread)
end

function init(args)
    posted, created, refused = 0, 0, 0
    -- Unique over threads and runs.
    prefix = string.format("w%d-%x-", number, os.time())
    target = (wrk.path or ""):gsub("/+$", "") .. "/patients"
    headers = { ["Content-Type"] = "application/json" }
    for name, value in pairs(wrk.headers) do headers[name] = value end
    local key = os.getenv("MEDICAPP_API_KEY")
    if key and not headers["Authorization"] then headers["Authorization"] = "Bearer " .. key end
end

function request()
    posted = posted + 1
    local body = string.format(
        '{"externalId":"%s%d","lastName":"Lefèvre","firstName":"Chloé","birthDate":"19%02d-%02d-%02d",' ..
        '"gender":"F","email":"chloe.lefevre%d@example.org","phone":"+331990%05d","address":{"street":"12 rue des Érables",' ..
        '"city":"Nantes","postalCode":"44000","country":"FR"}}',
        prefix, posted, posted % 90 + 10, posted % 12 + 1, posted % 28 + 1, posted, posted % 100000)
    return wrk.format("POST", target, headers, body)
end

function response(status)
    if status == 201 then created = created + 1 else refused = refused + 1 end
end

function done(summary, latency)
    local created_in_all, refused_in_all = 0, 0
    for _, thread in ipairs(threads) do
        created_in_all = created_in_all + thread:get("created")
        refused_in_all = refused_in_all + thread:get("refused")
    end
    io.write(string.format("created %d, refused %d, %.0f created/s, p99 %.2f ms\n", created_in_all,
        refused_in_all, created_in_all * 1e6 / summary.duration, latency:percentile(99) / 1000))
end
