// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "type_view.hpp"

#include <utility>

#include "annals/model/token.hpp"

namespace annals::entities {
namespace {

/// So many entries are passed over one by one: streams of one list mostly follow each other.
constexpr int kStepsMax = 4;

}  // namespace

TypeView::TypeView(
    ModelFiles& files,
    std::unique_ptr<rocksdb::Iterator> entries,
    std::string prefix,
    std::uint64_t log_id_bits
)
    : files_(files),
      entries_(std::move(entries)),
      key_(std::move(prefix)),
      prefix_bytes_(key_.size()),
      log_id_bits_(log_id_bits) {}

bool TypeView::speaks_for(std::string_view position) const {
    const auto token = model::parse_token(position);
    return token && token->log_id_bits == log_id_bits_;
}

std::optional<ModelEntry> TypeView::find(
    std::string_view id, const api::StreamSummary& stream, bool with_document
) {
    key_.resize(prefix_bytes_);
    key_.append(id);
    for (int steps = 0; entries_->Valid() && entries_->key().compare(key_) < 0; ++steps) {
        if (steps == kStepsMax) break;
        entries_->Next();
    }
    if (!entries_->Valid() || entries_->key().compare(key_) != 0) entries_->Seek(key_);
    if (!entries_->Valid()) {
        if (!entries_->status().ok()) files_.note_failure();
        return std::nullopt;
    }
    if (entries_->key().compare(key_) != 0) return std::nullopt;
    const rocksdb::Slice value = entries_->value();
    std::optional<ModelEntry> entry = decode_entry({value.data(), value.size()}, with_document);
    if (!entry) files_.note_failure();
    const bool is_newest = entry && entry->is_kept && entry->position == stream.last_position &&
                           entry->state.revision.value + 1 == stream.events;
    return is_newest ? std::move(entry) : std::nullopt;
}

}  // namespace annals::entities
