// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// A schema and a document, separated by a line break: ends, within its bounds.
#include "json_schema.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "annals/base/assert.hpp"
#include "annals/documents/document_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace dialect_eskit = annals::dialect_eskit;
    namespace documents = annals::documents;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t split = text.find('\n');
    if (split == std::string_view::npos) return 0;
    const auto schema = dialect_eskit::JsonSchema::parse(text.substr(0, split));
    const auto document = documents::parse_document(text.substr(split + 1));
    if (!schema || !document) return 0;
    const auto found = schema->violations(*document);
    ANNALS_ASSERT(
        !found || found->size() <= dialect_eskit::JsonSchema::kViolationsMax, "violations are few"
    );
    return 0;
}
