// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "annals/log/segment_log.hpp"

#include "damaged_segments.hpp"
#include "known_damage.hpp"
#include "segment.hpp"

namespace annals::log::detail {

/// What writer, background thread and readers of one log share. Safe from any thread.
class LogCore {
  public:
    LogCore(
        FileSystem& files,
        std::string directory,
        const LogOptions& options,
        model::LogIdentity identity
    );

    [[nodiscard]] FileSystem& files() const { return files_; }
    [[nodiscard]] const std::string& directory() const { return directory_; }
    [[nodiscard]] const LogOptions& options() const { return options_; }
    [[nodiscard]] const model::LogIdentity& identity() const { return identity_; }

    [[nodiscard]] std::shared_ptr<const SegmentList> segments() const;
    void set_segments(std::shared_ptr<const SegmentList> segments);
    /// Adds a segment behind the last, or puts it in the place of the one that begins at the same
    /// position.
    void put_segment(std::shared_ptr<Segment> segment);

    [[nodiscard]] Position durable_end() const {
        return Position(durable_end_.load(std::memory_order_acquire));
    }
    [[nodiscard]] ChainMark durable_chain() const;
    void publish_durable(ChainMark mark);

    [[nodiscard]] bool is_poisoned() const { return is_poisoned_.load(std::memory_order_acquire); }
    void poison() { is_poisoned_.store(true, std::memory_order_release); }

    /// Background work failed: counts it and tells whoever wants to know.
    void note_failure(BackgroundWork work, const Error& error);
    [[nodiscard]] std::uint64_t failures(BackgroundWork work) const {
        return failures_[static_cast<std::size_t>(work)].load(std::memory_order_relaxed);
    }

    /// What opening found. Not told to anybody: the report says it.
    void take_damages(const std::vector<Damage>& found, SegmentNames segments);
    /// A reader met damage: what is new is remembered over a restart, and told.
    void note_damage(const Damage& damage);
    [[nodiscard]] const KnownDamage& damage() const { return damage_; }

    /// Mapping of a segment; forgets others when too many are mapped.
    Result<std::shared_ptr<const SegmentMapping>> mapping(
        const SegmentList& list, std::size_t index
    );

  private:
    void forget_mappings(const SegmentList& list, std::size_t keep);

    FileSystem& files_;
    std::string directory_;
    LogOptions options_;
    model::LogIdentity identity_;
    mutable std::mutex mutex_;
    std::shared_ptr<const SegmentList> segments_ = std::make_shared<SegmentList>();
    ChainMark durable_chain_;
    std::atomic<std::uint64_t> durable_end_{0};
    std::atomic<bool> is_poisoned_{false};
    std::atomic<std::size_t> mapped_{0};
    std::array<std::atomic<std::uint64_t>, 2> failures_{};  // by BackgroundWork
    KnownDamage damage_;
    std::mutex damaged_mutex_;       // of the next, and while it is written
    SegmentNames damaged_segments_;  // as the file DAMAGED has them
};

}  // namespace annals::log::detail
