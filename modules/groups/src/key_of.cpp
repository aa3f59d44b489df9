// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "key_of.hpp"

#include "annals/codec/checksum.hpp"
#include "annals/documents/document_text.hpp"

namespace annals::groups {

KeyOf::KeyOf(const api::GroupKey& key) : key_(key), tag_prefix_(key.name + ":") {
    if (key.kind != api::GroupKeyKind::kField) return;
    if (auto pointer = documents::parse_pointer(key.name)) pointer_ = std::move(*pointer);
}

std::string_view KeyOf::operator()(const model::RecordedEvent& event) {
    std::string_view key;
    switch (key_.kind) {
        case api::GroupKeyKind::kStream:
            break;
        case api::GroupKeyKind::kTag:
            for (const std::string_view tag : event.tags) {
                if (!tag.starts_with(tag_prefix_)) continue;
                key = tag.substr(tag_prefix_.size());
                break;
            }
            break;
        case api::GroupKeyKind::kField:
            key = of_field(event);
            break;
        case api::GroupKeyKind::kCorrelation:
            key = event.correlation_id;
            break;
    }
    if (key.empty()) return event.stream;
    if (key.size() <= kKeyBytesMax) return key;
    const std::string hash = std::to_string(codec::hash64(key));
    scratch_ = std::string(key.substr(0, kKeyBytesMax - hash.size() - 1)) + '~' + hash;
    return scratch_;
}

std::string_view KeyOf::of_field(const model::RecordedEvent& event) {
    const auto document = documents::parse_document(event.data);
    if (!document) return {};
    const documents::Value* const found = documents::find(*document, pointer_);
    if (found == nullptr || found->is_null()) return {};
    scratch_.clear();
    documents::write(scratch_, *found);
    return scratch_;
}

}  // namespace annals::groups
