// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include <boost/unordered/unordered_flat_map.hpp>

#include "annals/commit/orderer.hpp"
#include "annals/commit/stream_life.hpp"

namespace annals::streams {

/// What was said about a stream and about its category, as of a position. Null parts: nothing.
struct Retention {
    std::shared_ptr<const commit::StreamLife> own;
    std::shared_ptr<const commit::StreamLife> category;

    [[nodiscard]] bool is_tombstoned() const { return own && own->is_tombstoned(); }
    /// Softly; for a stream with so many events.
    [[nodiscard]] bool is_deleted(std::uint64_t event_count) const {
        return own && own->is_deleted(event_count);
    }
    /// Own words, with the category's where there are none.
    [[nodiscard]] model::StreamMetadata effective() const;
    /// Whether all events are shown, whatever there are.
    [[nodiscard]] bool shows_all() const { return !own && !category; }
};

/// What metadata streams say of the streams of one log (docs/adr/0007). What an event says never
/// changes, so it is kept by the event's position, kKeptMax of them. Streams without metadata cost
/// one hash. Any thread.
class StreamLives {
  public:
    static constexpr std::size_t kKeptMax = 4'096;

    explicit StreamLives(const commit::Orderer& orderer) : orderer_(orderer) {}

    /// As of a visible position. May read the disk.
    Result<Retention> of(std::string_view stream, Position visible);
    /// The same from memory; nothing where the disk would have to be asked.
    std::optional<Retention> of_without_disk(std::string_view stream, Position visible);

    /// The stream's own part alone; null: nothing was ever said.
    Result<std::shared_ptr<const commit::StreamLife>> own(
        std::string_view stream, Position visible
    );

  private:
    using Life = std::shared_ptr<const commit::StreamLife>;

    [[nodiscard]] Life find_kept(Position position);
    /// The outer optional is empty where the disk would have to be asked.
    std::optional<Life> own_without_disk(std::string_view stream, Position visible);

    const commit::Orderer& orderer_;
    std::mutex mutex_;
    boost::unordered_flat_map<std::uint64_t, Life> kept_;
};

/// The first revision that a reader is shown: behind what was truncated, deleted, counted out, or
/// is too old at `now` (kurrentdb 5.6; recorded times never fall, so age is a place). May be one
/// past the last. May read the disk when an age is set.
Result<Revision> first_shown(
    const commit::Orderer& orderer,
    std::string_view stream,
    const index::StreamHead& head,
    const Retention& retention,
    TimeNs now
);

}  // namespace annals::streams
