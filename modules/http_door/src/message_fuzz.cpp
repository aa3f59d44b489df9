// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "message.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "annals/base/assert.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace annals::http_door::detail;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto target = parse_target(text)) {
        ANNALS_ASSERT(target->path.starts_with('/'), "a path begins with a slash");
        ANNALS_ASSERT(target->path.find('\0') == std::string::npos, "no NUL hides in a path");
        Request request;
        request.sent_path = target->sent_path;
        ANNALS_ASSERT(!problem(404, "x", request).body.empty(), "any path can be told");
        const auto again = parse_target(target->sent_path);
        ANNALS_ASSERT(again && again->path == target->path, "it is told as it was sent");
    }
    return 0;
}
