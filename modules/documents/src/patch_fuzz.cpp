// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Two texts, a document and a patch, with a zero byte between them.
#include "annals/documents/patch.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "annals/base/assert.hpp"
#include "annals/documents/canonical.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/documents/pointer.hpp"

namespace {

using annals::documents::parse_document;
using annals::documents::parse_pointer;
using annals::documents::PatchFormat;
using annals::documents::Value;

void check_difference(const Value& before, const Value& after) {
    const auto applied = apply(diff(before, after), before);
    ANNALS_ASSERT(applied && *applied == after, "a difference applied gives the second document");
    const auto read = parse_document(to_text(after));
    ANNALS_ASSERT(!read || *read == after, "what is written is read as the same");
    const auto canonical_again = parse_document(canonical(after));
    ANNALS_ASSERT(
        !canonical_again || canonical(*canonical_again) == canonical(after), "one canonical text"
    );
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t split = text.find('\0');
    (void)parse_pointer(text);
    const auto document = parse_document(text.substr(0, split));
    if (!document || split == std::string_view::npos) return 0;
    const auto second = parse_document(text.substr(split + 1));
    if (!second) return 0;
    check_difference(*document, *second);
    for (const PatchFormat format : {PatchFormat::kMerge, PatchFormat::kJson}) {
        const auto patched = apply({format, *second}, *document);
        if (patched) check_difference(*document, *patched);
    }
    return 0;
}
