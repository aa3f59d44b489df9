// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/streams/stream_lives.hpp"

#include <algorithm>
#include <string>

#include "annals/codec/checksum.hpp"
#include "annals/model/names.hpp"
#include "annals/streams/stream_events.hpp"

namespace annals::streams {
namespace {

constexpr std::int64_t kSecondNs = 1'000'000'000;

bool may_have(const commit::Orderer& orderer, std::string_view stream) {
    return orderer.index().may_have_metadata(codec::hash64(stream));
}

/// Name of the stream whose metadata are the category's; empty when it has none.
std::string category_stream(std::string_view stream) {
    const std::string_view category = model::category_of(stream);
    if (category.empty() || model::is_system_name(stream)) return {};
    return model::category_stream_of(category);
}

/// A metadata stream shows its last event alone (kurrentdb 5.6).
const std::shared_ptr<const commit::StreamLife>& life_of_metadata_streams() {
    static const auto latest_only = [] {
        commit::StreamLife life;
        life.metadata.max_count = 1;
        return std::make_shared<const commit::StreamLife>(std::move(life));
    }();
    return latest_only;
}

}  // namespace

model::StreamMetadata Retention::effective() const {
    model::StreamMetadata metadata;
    if (own) metadata = own->metadata;
    return category ? model::with_defaults(std::move(metadata), category->metadata) : metadata;
}

StreamLives::Life StreamLives::find_kept(Position position) {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(position.value);
    return found == kept_.end() ? nullptr : found->second;
}

Result<StreamLives::Life> StreamLives::own(std::string_view stream, Position visible) {
    if (model::is_metadata_stream(stream)) return life_of_metadata_streams();
    if (!may_have(orderer_, stream)) return Life();
    ANNALS_TRY(const Position position, commit::find_life(orderer_.index(), stream, visible));
    if (position.value == 0) return Life();
    if (Life kept = find_kept(position)) return kept;
    ANNALS_TRY(
        commit::StreamLife life,
        commit::read_life(orderer_.index(), orderer_.log(), stream, position)
    );
    Life made = std::make_shared<const commit::StreamLife>(std::move(life));
    const std::lock_guard lock(mutex_);
    if (kept_.size() >= kKeptMax) kept_.clear();
    kept_.insert_or_assign(position.value, made);
    return made;
}

Result<Retention> StreamLives::of(std::string_view stream, Position visible) {
    Retention retention;
    ANNALS_TRY(retention.own, own(stream, visible));
    const std::string category = category_stream(stream);
    if (category.empty()) return retention;
    ANNALS_TRY(retention.category, own(category, visible));
    return retention;
}

std::optional<StreamLives::Life> StreamLives::own_without_disk(
    std::string_view stream, Position visible
) {
    if (model::is_metadata_stream(stream)) return life_of_metadata_streams();
    if (!may_have(orderer_, stream)) return Life();
    const auto head = orderer_.index().head_without_disk(model::metadata_stream_of(stream));
    if (!head) return std::nullopt;
    if (!*head) return Life();
    if ((*head)->last_position > visible) return std::nullopt;
    Life kept = find_kept((*head)->last_position);
    if (!kept) return std::nullopt;
    return kept;
}

std::optional<Retention> StreamLives::of_without_disk(std::string_view stream, Position visible) {
    std::optional<Life> own = own_without_disk(stream, visible);
    if (!own) return std::nullopt;
    Retention retention{std::move(*own), nullptr};
    const std::string category = category_stream(stream);
    if (category.empty()) return retention;
    std::optional<Life> of_category = own_without_disk(category, visible);
    if (!of_category) return std::nullopt;
    retention.category = std::move(*of_category);
    return retention;
}

Result<Revision> first_shown(
    const commit::Orderer& orderer,
    std::string_view stream,
    const index::StreamHead& head,
    const Retention& retention,
    TimeNs now
) {
    std::uint64_t first = head.first.value;
    if (retention.shows_all()) return Revision(first);
    const std::uint64_t end = head.last.value + 1;
    if (retention.is_tombstoned()) return Revision(end);
    const model::StreamMetadata metadata = retention.effective();
    if (retention.own) first = std::max(first, retention.own->hidden);
    if (metadata.truncate_before) first = std::max(first, metadata.truncate_before->value);
    if (metadata.max_count && end > *metadata.max_count) {
        first = std::max(first, end - *metadata.max_count);
    }
    const bool has_age = metadata.max_age_s &&
                         *metadata.max_age_s < static_cast<std::uint64_t>(
                                                   std::max<std::int64_t>(now.value, 0) / kSecondNs
                                               );
    if (has_age && first < end) {
        const auto age_ns = static_cast<std::int64_t>(*metadata.max_age_s) * kSecondNs;
        ANNALS_TRY(const Position young, orderer.log().find_time(TimeNs(now.value - age_ns)));
        log::LogReader reader = orderer.log().reader();
        StreamEvents events(orderer, std::string(stream));
        ANNALS_TRY(const Revision revision, events.revision_from(young, head, reader));
        first = std::max(first, revision.value);
    }
    return Revision(std::min(first, end));
}

}  // namespace annals::streams
