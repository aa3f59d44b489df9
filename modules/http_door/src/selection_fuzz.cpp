// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "selection.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "annals/base/assert.hpp"

#include "compression.hpp"
#include "media_types.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace annals::http_door::detail;
    const std::string text(reinterpret_cast<const char*>(data), size);
    Request request;
    request.query = text;
    for (const char* stream : {"", "a-1"}) {
        auto selection = parse_selection(request, stream);
        if (selection) {
            (void)subscribe_request(request, std::move(*selection));
        } else {
            ANNALS_ASSERT(
                !selection.error().field("field").empty(), "a refusal names the parameter"
            );
        }
    }
    const ResumePoint point = parse_resume_id(text);
    ANNALS_ASSERT(point.token.size() <= text.size(), "nothing is made up");
    (void)accepts_coding(text, "gzip");
    const auto type = negotiated(text, kReadOffers);
    ANNALS_ASSERT(
        !type || std::find(kReadOffers.begin(), kReadOffers.end(), *type) != kReadOffers.end(),
        "what is not offered is not chosen"
    );
    return 0;
}
