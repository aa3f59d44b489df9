// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Two schemas and a document, with zero bytes between them: what is called compatible is so.
#include "annals/schemas/compatibility.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "annals/base/assert.hpp"
#include "annals/documents/document_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace documents = annals::documents;
    namespace schemas = annals::schemas;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t first = text.find('\0');
    if (first == std::string_view::npos) return 0;
    const std::size_t second = text.find('\0', first + 1);
    if (second == std::string_view::npos) return 0;
    const auto before = documents::parse_document(text.substr(0, first));
    const auto after = documents::parse_document(text.substr(first + 1, second - first - 1));
    const auto document = documents::parse_document(text.substr(second + 1));
    if (!before || !after || !document) return 0;
    const auto old_schema = schemas::Schema::compile(*before);
    const auto new_schema = schemas::Schema::compile(*after);
    if (!old_schema || !new_schema) return 0;
    const auto found = schemas::compare(
        *old_schema, *new_schema, schemas::Compatibility::kBackward
    );
    if (!found.is_compatible()) return 0;
    const auto then = old_schema->validate(*document);
    const auto now = new_schema->validate(*document);
    const bool is_broken = then && now && then->is_valid() && !now->is_valid();
    ANNALS_ASSERT(!is_broken, "what is called compatible is so");
    return 0;
}
