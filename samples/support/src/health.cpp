// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "samples/health.hpp"

#include "samples/store_failure.hpp"

namespace samples {

void probe(const annals::Client& client) {
    // asking for the first page is the call
    static_cast<void>(
        client.with_timeout(kProbeMax).read_pages({}, {.backwards = true, .limit = 1}).begin()
    );
}

void add_health_routes(
    Router& router, const annals::Client& client, const std::function<std::string()>& why_not_ready
) {
    const nlohmann::json well = {{"status", "ok"}};
    router.add("GET", "/health/live", [well](const HttpRequest&) {
        return json_answer(200, well);
    });
    router.add("GET", "/health/ready", [=](const HttpRequest&) {
        try {
            probe(client);
        } catch (const annals::Failure& failure) {
            return store_problem(failure);
        }
        const std::string reason = why_not_ready ? why_not_ready() : std::string();
        if (!reason.empty()) return problem(503, "not_ready", reason);
        return json_answer(200, well);
    });
}

}  // namespace samples
