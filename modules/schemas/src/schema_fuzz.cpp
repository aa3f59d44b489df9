// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// A schema and a document, with a zero byte between them.
#include "annals/schemas/schema.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "annals/base/assert.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/schemas/compatibility.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace documents = annals::documents;
    namespace schemas = annals::schemas;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t split = text.find('\0');
    const auto value = documents::parse_document(text.substr(0, split));
    if (!value) return 0;
    const auto schema = schemas::Schema::compile(*value);
    if (!schema) return 0;
    const auto same = schemas::compare(*schema, *schema, schemas::Compatibility::kFull);
    ANNALS_ASSERT(same.is_compatible(), "a schema takes what it takes");
    if (split == std::string_view::npos) return 0;
    const auto document = documents::parse_document(text.substr(split + 1));
    if (!document) return 0;
    const auto first = schema->validate(*document);
    const auto again = schema->validate(*document);
    ANNALS_ASSERT(first.has_value() == again.has_value(), "one answer");
    if (first) ANNALS_ASSERT(first->is_valid() == again->is_valid(), "one answer");
    return 0;
}
