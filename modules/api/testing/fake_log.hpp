// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "annals/api/testing/fake_event_store.hpp"
#include "annals/base/clock.hpp"
#include "annals/model/limits.hpp"
#include "annals/model/names.hpp"
#include "annals/model/stream_life.hpp"
#include "annals/model/token.hpp"

namespace annals::api::testing {

inline Uuid log_id_of(std::string_view name_space) { return make_uuid_v5(Uuid{}, name_space); }

inline std::string token_of(std::string_view name_space, Position position) {
    return model::format_token(model::make_token({log_id_of(name_space), 1}, position, 0));
}

struct FakeEventStore::Stored {
    std::string bytes;
    model::RecordedEvent event;
};

/// What was said about a stream, or with the name `$category-…` about a category.
struct Said {
    model::StreamMetadata metadata;
    std::optional<Revision> revision;
    std::uint64_t hidden = 0;  ///< events before the last soft delete
    bool is_deleted = false;
    bool is_tombstoned = false;
};

/// One namespace: its events, and what was said about its streams.
struct FakeEventStore::Log {
    std::string name;
    std::map<std::string, Said, std::less<>> said;
    std::vector<Snapshot> snapshots;  ///< in the order they came
    std::vector<std::unique_ptr<Stored>> events;
    std::map<std::string, std::vector<std::size_t>, std::less<>> streams;

    [[nodiscard]] Position end() const { return Position(events.size()); }

    [[nodiscard]] Said said_of(std::string_view stream) const {
        const auto found = said.find(stream);
        return found == said.end() ? Said() : found->second;
    }
    [[nodiscard]] std::uint64_t count(std::string_view stream) const {
        const auto found = streams.find(stream);
        return found == streams.end() ? 0 : found->second.size();
    }
    [[nodiscard]] model::StreamMetadata effective(std::string_view stream) const {
        const auto category = model::category_of(stream);
        const Said defaults = category.empty() ? Said()
                                               : said_of(model::category_stream_of(category));
        return model::with_defaults(said_of(stream).metadata, defaults.metadata);
    }
    /// First revision that is shown.
    [[nodiscard]] std::uint64_t first_shown(std::string_view stream) const {
        const model::StreamMetadata metadata = effective(stream);
        const std::uint64_t written = count(stream);
        std::uint64_t first = said_of(stream).hidden;
        if (metadata.truncate_before) first = std::max(first, metadata.truncate_before->value);
        if (metadata.max_count && written > *metadata.max_count) {
            first = std::max(first, written - *metadata.max_count);
        }
        return first;
    }
    [[nodiscard]] Status check_alive(std::string_view stream) const {
        if (!said_of(stream).is_tombstoned) return ok();
        return Error(ErrorCode::kStreamDeleted, "the stream is tombstoned").with("stream", stream);
    }
    [[nodiscard]] Status check_found(std::string_view stream) const {
        ANNALS_CHECK(check_alive(stream));
        if (!said_of(stream).is_deleted) return ok();
        return Error(ErrorCode::kStreamNotFound, "the stream is deleted")
            .with("stream", stream)
            .with("is_deleted", "true");
    }
    /// The check with what it met, if it fails.
    [[nodiscard]] std::optional<model::FailedCheck> failed(
        std::string_view stream, const model::ExpectedRevision& expected
    ) const {
        using Kind = model::ExpectedKind;
        const Said what = said_of(stream);
        const std::uint64_t written = count(stream);
        const bool is_there = written != 0;
        const bool is_gone = what.is_deleted || what.is_tombstoned;
        const Kind kind = expected.kind;
        const bool is_met = kind == Kind::kAny ||
                            (kind == Kind::kNoStream && (!is_there || what.is_deleted)) ||
                            (kind == Kind::kExists && (is_there || what.revision) && !is_gone) ||
                            (kind == Kind::kDeleted && is_gone) ||
                            (kind == Kind::kExactly && is_there &&
                             written - 1 == expected.revision.value);
        if (is_met) return std::nullopt;
        model::FailedCheck check;
        check.stream = stream;
        check.expected = expected;
        if (is_there) check.current_revision = Revision(written - 1);
        check.is_deleted = is_gone;
        return check;
    }

    [[nodiscard]] Result<std::uint64_t> index_of(const std::string& token) const {
        ANNALS_TRY(const model::PositionToken parsed, model::parse_token(token));
        if (parsed.log_id_bits != model::make_token({log_id_of(name), 1}, {}, 0).log_id_bits) {
            return Error(ErrorCode::kTokenUnknown, "the token is another log's");
        }
        if (parsed.position > end()) return Error(ErrorCode::kTokenBeyondEnd, "beyond the end");
        return parsed.position.value;
    }

    /// Index of the first event of a forward read (backwards: one behind the first).
    template <typename Start>
    Result<std::size_t> first_of(const std::string& stream, const Start& start, bool is_backwards)
        const {
        if (const auto* after = std::get_if<AfterToken>(&start)) {
            ANNALS_TRY(const std::uint64_t index, index_of(after->token));
            return is_backwards ? (index == 0 ? 0 : index - 1) : index;
        }
        if (const auto* from = std::get_if<FromPosition>(&start)) {
            const std::uint64_t at = std::min<std::uint64_t>(from->position.value, end().value + 1);
            return is_backwards ? std::min<std::uint64_t>(at, end().value) : (at == 0 ? 0 : at - 1);
        }
        if (const auto* time = std::get_if<FromTime>(&start)) {
            std::size_t index = 0;
            while (index < events.size() && events[index]->event.recorded_time < time->time) {
                ++index;
            }
            return index;
        }
        if (const auto* from = std::get_if<FromRevision>(&start)) {
            const auto found = streams.find(stream);
            if (found == streams.end()) return events.size();
            const std::vector<std::size_t>& of_stream = found->second;
            const std::uint64_t at = from->revision.value;
            if (is_backwards) return of_stream[std::min(at, of_stream.size() - 1)] + 1;
            return at < of_stream.size() ? of_stream[at] : events.size();
        }
        return is_backwards ? events.size() : 0;
    }
};

}  // namespace annals::api::testing
