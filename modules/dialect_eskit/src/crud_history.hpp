// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/api/event_store.hpp"
#include "annals/base/result.hpp"

#include "stream_finder.hpp"

namespace annals::dialect_eskit {

/// `X.Deleted`, in whatever case.
bool is_deletion(std::string_view event_type);

/// What an entity's originator is like at a version.
struct CrudState {
    enum class Life : std::uint8_t { kAbsent, kLive, kDeleted };
    Life life = Life::kAbsent;
    std::uint64_t version = 0;  ///< of the last event that is no deletion
    std::string payload;        ///< as eskit shows it; of a deleted one the last
};

/// All events of one originator, by version.
class CrudHistory {
  public:
    /// Waits for the disk. limit_exceeded for more than kBytesMax of payloads.
    static Result<CrudHistory> read(
        api::EventStore& store,
        const api::CallContext& context,
        std::string_view key,
        std::string_view entity_type
    );
    static constexpr std::size_t kBytesMax = 256u << 20u;

    /// The state after all events up to a version, inclusive; nothing: after all. eskit counts
    /// events: a version above the number of events up to it is absent. invalid_argument where a
    /// payload is no document to patch, entity_unreadable where what they change is not shown.
    [[nodiscard]] Result<CrudState> state(std::optional<std::uint64_t> version) const;

    /// Whether the fold of `entities`, which goes by revision and takes names in this case alone,
    /// gives what state() gives of all events.
    [[nodiscard]] bool folds_alike() const { return folds_alike_; }
    [[nodiscard]] bool has_version(std::uint64_t version) const;
    /// 0: there are no events.
    [[nodiscard]] std::uint64_t last_version() const;
    [[nodiscard]] bool is_empty() const { return events_.empty(); }
    [[nodiscard]] const FoundStream& stream() const { return found_; }
    /// Of the stream, whatever the versions.
    [[nodiscard]] std::optional<Revision> last_revision() const { return last_revision_; }

  private:
    struct Event {
        std::uint64_t version = 0;
        Position position;
        std::string type;
        bool is_json_patch = false;
        std::string payload;
    };

    Status add_page(const api::ReadPage& page);
    /// By revision.
    void note_order(const model::RecordedEvent& event);

    FoundStream found_;
    std::uint64_t hidden_ = 0;  ///< events of the stream before those that are shown
    std::optional<Revision> last_revision_;
    std::size_t bytes_ = 0;
    bool folds_alike_ = true;
    std::uint64_t version_max_ = 0;  ///< of the events that were noted
    std::vector<Event> events_;      ///< by version, then position
};

}  // namespace annals::dialect_eskit
