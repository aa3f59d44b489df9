// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Documents and patches of eskit's clients: two texts, separated by a line break. What is taken
// gives JSON, and applying an empty patch to it changes its value not.
#include "payload.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "annals/base/assert.hpp"
#include "annals/documents/canonical.hpp"
#include "annals/documents/document_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace dialect_eskit = annals::dialect_eskit;
    namespace documents = annals::documents;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t split = text.find('\n');
    if (split == std::string_view::npos) return 0;
    const std::string_view before = text.substr(0, split);
    const std::string_view after = text.substr(split + 1);
    const auto changed = dialect_eskit::patched(before, after);
    if (changed) {
        const auto again = dialect_eskit::patched(*changed, "{}");
        ANNALS_ASSERT(
            again && *again == *changed, "what is written is a document as it is written"
        );
    }
    const auto patch = dialect_eskit::patch_between(before, after);
    if (patch) {
        ANNALS_ASSERT(documents::parse_object(*patch), "a patch is an object");
        ANNALS_ASSERT(dialect_eskit::patched(before, *patch), "a patch fits what it was made of");
    }
    return 0;
}
