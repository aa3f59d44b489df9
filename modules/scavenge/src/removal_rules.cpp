// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/scavenge/removal_rules.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "annals/codec/checksum.hpp"
#include "annals/model/event.hpp"
#include "annals/model/names.hpp"
#include "annals/model/stream_life.hpp"
#include "annals/streams/envelope_filter.hpp"
#include "annals/streams/stream_events.hpp"

namespace annals::scavenge {
namespace {

constexpr std::size_t kPositionsAtOnce = 1'024;

/// Keys of a compacted stream that were met on later events, each with the removal that would go,
/// if the last event of the key is one. Full, it forgets nothing and learns nothing.
class SeenKeys {
  public:
    using Removal = std::optional<Revision>;

    /// Null: the key was not met.
    [[nodiscard]] Removal* find(std::string_view key) {
        const auto found = keys_.find(std::string(key));
        return found == keys_.end() ? nullptr : &found->second;
    }
    /// False: there is no room.
    bool add(std::string_view key, Removal removal) {
        const std::size_t bytes = key.size() + kOverheadBytes;
        if (bytes_ + bytes > StreamRemovalRules::kKeyBytesMax) return false;
        if (keys_.try_emplace(std::string(key), removal).second) bytes_ += bytes;
        return true;
    }

  private:
    static constexpr std::size_t kOverheadBytes = 64;
    boost::unordered_flat_map<std::string, Removal> keys_;
    std::size_t bytes_ = 0;
};

}  // namespace

StreamRemovalRules::StreamRemovalRules(commit::Orderer& orderer, Ages ages)
    : orderer_(orderer),
      ages_(ages),
      point_(orderer.visible_end().get()),
      now_(orderer.now()),
      checked_(point_),
      lives_(orderer) {}

void StreamRemovalRules::begin_segment() {
    removed_.clear();
    removed_categories_.clear();
    checked_ = point_;
}

void StreamRemovalRules::look_again() {
    point_ = orderer_.visible_end().get();
    now_ = orderer_.now();
    kept_.clear();
    kept_superseded_ = 0;
    last_stream_.clear();
    last_rule_ = nullptr;
    begin_segment();
}

Result<bool> StreamRemovalRules::is_removable(const log::StoredEvent& event) {
    if (event.position > point_) return false;
    const std::string_view stream = streams::stream_of(event.envelope);
    if (last_rule_ == nullptr || stream != last_stream_) {
        ANNALS_TRY(last_rule_, rule_of(stream));
        last_stream_ = stream;
    }
    const auto place = static_cast<std::size_t>(event.revision.value);
    const bool is_removable = event.revision < last_rule_->first_shown ||
                              (place < last_rule_->superseded.size() &&
                               last_rule_->superseded[place]);
    if (is_removable) note_removal(stream, event.revision);
    return is_removable;
}

void StreamRemovalRules::note_removal(std::string_view stream, Revision revision) {
    if (model::is_metadata_stream(stream)) return;  // nobody can say anything of it
    Removed& removed = removed_[codec::hash64(stream)];
    if (revision < last_rule_->first_shown) {
        removed.end = std::max(removed.end, revision.value + 1);
    } else {
        removed.compact_by = codec::hash64(last_rule_->compact_by);
    }
    const std::string_view category = model::category_of(stream);
    if (category.empty()) return;
    removed_categories_.insert(codec::hash64(model::category_stream_of(category)));
}

TimeNs StreamRemovalRules::now_for_ages() const { return ages_ == Ages::kCount ? now_ : TimeNs(0); }

// ---- does it still hold? ----

Result<bool> StreamRemovalRules::still_holds() {
    const Position end = orderer_.visible_end().get();
    // Deletions and truncations by events hide; metadata alone can show again.
    const model::Query said{{{{std::string(model::kMetadataType)}, {}}}};
    std::vector<Position> positions;
    log::LogReader reader = orderer_.log().reader();
    while (checked_ < end && !removed_.empty()) {
        positions.clear();
        ANNALS_CHECK(orderer_.index().query_positions(
            said,
            Position(checked_.value + 1),
            end,
            index::Direction::kForwards,
            kPositionsAtOnce,
            positions
        ));
        for (const Position position : positions) {
            ANNALS_TRY(const log::StoredEvent stored, reader.at(position));
            const std::string_view stream = streams::stream_of(stored.envelope);
            ANNALS_TRY(const bool holds, holds_after(stream, end));
            if (!holds) return false;
        }
        checked_ = positions.size() < kPositionsAtOnce ? end : positions.back();
    }
    return true;
}

/// Something was said in the metadata stream: is what was let go still not shown?
Result<bool> StreamRemovalRules::holds_after(std::string_view metadata_stream, Position as_of) {
    if (!model::is_metadata_stream(metadata_stream)) return true;
    const std::string_view stream = model::subject_of(metadata_stream);
    const std::uint64_t hash = codec::hash64(stream);
    // A category's streams are not known one by one: all are looked at again.
    if (removed_categories_.contains(hash)) return false;
    const auto found = removed_.find(hash);
    if (found == removed_.end()) return true;
    ANNALS_TRY(const streams::Retention retention, lives_.of(stream, as_of));
    streams::StreamEvents events(orderer_, std::string(stream));
    ANNALS_TRY(const std::optional<index::StreamHead> head, events.head(as_of));
    if (!head) return false;
    ANNALS_TRY(
        const Revision first_shown,
        streams::first_shown(orderer_, stream, *head, retention, now_for_ages())
    );
    if (first_shown > head->last) return true;
    const std::string compact_by = retention.effective().compact_by;
    const bool is_compacted_alike = found->second.compact_by == 0 ||
                                    found->second.compact_by == codec::hash64(compact_by);
    return is_compacted_alike && first_shown.value >= found->second.end;
}

// ---- as of the point ----

Result<std::shared_ptr<const StreamRemovalRules::StreamRule>> StreamRemovalRules::rule_of(
    std::string_view stream
) {
    const auto found = kept_.find(std::string(stream));
    if (found != kept_.end()) return found->second;
    ANNALS_TRY(StreamRule made, make_rule(stream));
    auto rule = std::make_shared<const StreamRule>(std::move(made));
    kept_superseded_ += rule->superseded.size();
    if (kept_.size() >= kStreamsMax || kept_superseded_ > kSupersededMax) {
        kept_.clear();
        kept_superseded_ = rule->superseded.size();
    }
    kept_.insert_or_assign(std::string(stream), rule);
    return std::shared_ptr<const StreamRule>(std::move(rule));
}

Result<StreamRemovalRules::StreamRule> StreamRemovalRules::make_rule(std::string_view stream) {
    StreamRule rule;
    ANNALS_TRY(const streams::Retention retention, lives_.of(stream, point_));
    if (retention.shows_all()) return rule;
    streams::StreamEvents events(orderer_, std::string(stream));
    ANNALS_TRY(const std::optional<index::StreamHead> head, events.head(point_));
    if (!head) return rule;
    ANNALS_TRY(
        rule.first_shown, streams::first_shown(orderer_, stream, *head, retention, now_for_ages())
    );
    rule.compact_by = retention.effective().compact_by;
    if (!rule.compact_by.empty() && rule.first_shown <= head->last) {
        ANNALS_CHECK(find_superseded(stream, head->last, rule));
    }
    return rule;
}

/// From the last event back to the first that is shown: a key that was seen holds nothing before.
Status StreamRemovalRules::find_superseded(
    std::string_view stream, Revision last, StreamRule& rule
) {
    rule.superseded.assign(static_cast<std::size_t>(last.value) + 1, false);
    const std::string prefix = rule.compact_by + ":";
    SeenKeys seen;
    std::vector<Position> positions;
    for (Revision from = last;;) {
        positions.clear();
        ANNALS_CHECK(orderer_.index().stream_positions(
            stream, from, index::Direction::kBackwards, kPositionsAtOnce, positions
        ));
        log::LogReader reader = orderer_.log().reader();
        for (const Position position : positions) {
            ANNALS_TRY(const log::StoredEvent stored, reader.at(position));
            if (stored.revision < rule.first_shown) return ok();
            if (stored.is_removed) continue;
            model::RecordedEvent event;
            ANNALS_CHECK(model::decode_event_fields(stored.envelope, event));
            ANNALS_CHECK(model::decode_event_fields(stored.payload, event));
            bool has_key = false;
            bool is_superseded = true;
            bool is_removal = event.data.empty() && ages_ == Ages::kCount &&
                              stored.recorded_time.value < now_.value - kRemovalShownNs;
            for (const std::string_view tag : event.tags) {
                if (!tag.starts_with(prefix)) continue;
                has_key = true;
                SeenKeys::Removal* const later = seen.find(tag);
                if (later == nullptr) {
                    is_superseded = false;
                    const auto removal = is_removal ? SeenKeys::Removal(stored.revision)
                                                    : SeenKeys::Removal();
                    is_removal = seen.add(tag, removal) && is_removal;
                } else if (*later) {
                    // A removal stays as long as there is something left that it removes.
                    rule.superseded[static_cast<std::size_t>((*later)->value)] = false;
                    later->reset();
                }
            }
            rule.superseded[static_cast<std::size_t>(stored.revision.value)] = has_key &&
                                                                               (is_superseded ||
                                                                                is_removal);
        }
        if (positions.size() < kPositionsAtOnce || from.value < kPositionsAtOnce) return ok();
        from = Revision(from.value - kPositionsAtOnce);
    }
}

}  // namespace annals::scavenge
