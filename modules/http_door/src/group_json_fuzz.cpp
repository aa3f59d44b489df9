// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "group_json.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

#include "annals/base/assert.hpp"
#include "annals/json_events/group_json.hpp"

namespace {

using namespace annals;
using namespace annals::http_door::detail;

template <typename T>
void check_refusal(const Result<T>& result) {
    if (result) return;
    ANNALS_ASSERT(!result.error().field("field").empty(), "a refusal names the member");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Request request;
    request.body.assign(reinterpret_cast<const char*>(data), size);
    Result<JsonBody> body = JsonBody::parse(request, "an object");
    check_refusal(body);
    if (!body) return 0;
    JsonBody again = *body;
    check_refusal(settlements_in(again));
    const Result<api::GroupSettings> settings = group_settings_in(*body);
    check_refusal(settings);
    if (!settings) return 0;
    // As it is shown it is taken.
    request.body = text_of(json_events::to_json(*settings));
    JsonBody shown = JsonBody::parse(request, "an object").value();
    const Result<api::GroupSettings> read = group_settings_in(shown);
    ANNALS_ASSERT(read && shown.end(), "what is shown is understood");
    ANNALS_ASSERT(api::differing_group_settings(*settings, *read).empty(), "and means the same");
    return 0;
}
