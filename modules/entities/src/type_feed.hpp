// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "annals/api/event_store.hpp"
#include "annals/base/result.hpp"
#include "annals/entities/read_model.hpp"

#include "model_files.hpp"
#include "type_view.hpp"

namespace annals::entities {

/// Counted by all feeds of a model.
struct FeedCounts {
    std::atomic<std::uint64_t> events{0};
    std::atomic<std::uint64_t> rebuilds{0};
    std::atomic<std::uint64_t> failures{0};
};

/// Brings the read model of one type forward, page by page, from the token that it has reached.
/// Entries and token are written together, so that no entry is ever of an event that the token does
/// not vouch for. Any thread; advance() is done by one at a time.
class TypeFeed {
  public:
    static constexpr std::uint32_t kPageEvents = 256;

    TypeFeed(
        api::EventStore& store,
        ModelFiles& files,
        FeedCounts& counts,
        TypeName name,
        std::string type
    );

    /// Held while advance() is called.
    [[nodiscard]] std::unique_lock<std::mutex> try_lock() {
        return std::unique_lock(work_, std::try_to_lock);
    }
    [[nodiscard]] std::unique_lock<std::mutex> lock() { return std::unique_lock(work_); }

    /// One page, or the throwing away of what is of another history. Answers whether there is more.
    Result<bool> advance(std::int64_t deadline_ns);
    /// What is there, as of the last advance(). Null until a read of the log has shown since the
    /// opening that what is there is of its history.
    [[nodiscard]] std::unique_ptr<TypeView> view();

    [[nodiscard]] ReadModelStatus status() const;
    std::atomic<std::int64_t> last_used_ns{0};
    bool is_queued = false;  ///< the model's, under its lock

  private:
    Status apply(const api::ReadPage& page);
    Status begin_anew();
    void set_verified(std::optional<std::uint64_t> log_id_bits);

    api::EventStore& store_;
    ModelFiles& files_;
    FeedCounts& counts_;
    const TypeName name_;
    const std::string type_;

    std::mutex work_;
    bool is_loaded_ = false;  ///< the mark was looked for
    std::string written_;     ///< the mark in the files; of work_

    mutable std::mutex mutex_;  ///< of what follows
    std::string mark_;
    std::uint64_t lag_events_ = 0;
    std::optional<std::uint64_t> log_id_bits_;  ///< nothing: not known to be of this log
};

}  // namespace annals::entities
