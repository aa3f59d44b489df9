// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/result.hpp"
#include "annals/model/event.hpp"

namespace annals::model {

/// Recorded events in wire form: the bytes of `repeated RecordedEvent events = 1` of annals.v1's
/// answers. A read fills it by copying from the log; a door sends the bytes as they are; a client
/// receives the same. Iterating decodes one event after the other (about 0.1 µs each), views point
/// into the batch. Not safe for use by several threads while it is filled.
class EventBatch {
  public:
    /// Field number of `events` in every answer that carries them.
    static constexpr std::uint32_t kEventsField = 1;

    /// Appends one event from its parts: envelope and payload as stored, plus the stamp.
    void add(
        std::string_view envelope,
        std::string_view payload,
        Position position,
        Revision revision,
        TimeNs recorded_time
    );
    /// Appends one event as message bytes (fields 1 to 19).
    void add_message(std::string_view message);

    [[nodiscard]] std::size_t size() const { return count_; }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] std::string_view bytes() const { return bytes_; }
    /// Gives the bytes away; the batch is empty afterwards.
    [[nodiscard]] std::string take_bytes();
    void clear();
    void reserve(std::size_t bytes) { bytes_.reserve(bytes); }

    /// Calls for each event in order; stops at the first error of decoding or of the callback.
    Status for_each(const std::function<Status(const RecordedEvent&)>& visit) const;
    /// All events decoded, for tests and tools; views into this batch.
    [[nodiscard]] Result<std::vector<RecordedEvent>> decode() const;

  private:
    std::string bytes_;
    std::size_t count_ = 0;
};

}  // namespace annals::model
