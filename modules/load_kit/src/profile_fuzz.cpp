// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/load_kit/profile.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "annals/base/assert.hpp"

/// Any text is a profile within its bounds, or a fault that names a key, a place and a remedy. The
/// first line, when it has a '=', is a change from the command line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using annals::load_kit::Actor;
    using annals::load_kit::Bounds;
    using annals::load_kit::Override;
    using annals::load_kit::parse_override;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::vector<Override> changes;
    if (const auto change = parse_override(text.substr(0, text.find('\n')))) {
        changes.push_back(*change);
    }
    for (const std::vector<Override>& used : {std::vector<Override>{}, changes}) {
        const auto profile = parse_profile(text, "fuzz.toml", used);
        if (!profile) {
            ANNALS_ASSERT(profile.error().code() == annals::ErrorCode::kConfigInvalid, "typed");
            ANNALS_ASSERT(!profile.error().field("origin").empty(), "it has a place");
            ANNALS_ASSERT(!profile.error().field("remedy").empty(), "it says what to do");
            continue;
        }
        ANNALS_ASSERT(!profile->actors.empty(), "somebody acts");
        ANNALS_ASSERT(profile->actors.size() <= Bounds::kActorsMax, "not too many");
        for (const Actor& actor : profile->actors) {
            ANNALS_ASSERT(!actor.name.empty(), "has a name");
            ANNALS_ASSERT(actor.workers >= 1 && actor.workers <= Bounds::kWorkersMax, "workers");
            ANNALS_ASSERT(actor.keys.count >= 1 && actor.keys.count <= Bounds::kKeysMax, "keys");
            ANNALS_ASSERT(actor.size.min <= actor.size.max, "sizes");
            ANNALS_ASSERT(actor.rate >= 0 && actor.rate <= Bounds::kRateMax, "rate");
            ANNALS_ASSERT(!actor.types.empty(), "types");
        }
    }
    return 0;
}
