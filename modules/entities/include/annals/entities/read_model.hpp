// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "annals/api/event_store.hpp"
#include "annals/base/result.hpp"

namespace annals::entities {

class TypeView;

struct ReadModelOptions {
    std::string directory;      ///< its own; made when it is not there. Unused in memory.
    bool is_in_memory = false;  ///< nothing is left behind
    /// How long a list brings the model forward before it folds what is still missing.
    std::int64_t catch_up_ns_max = 250'000'000;
};

/// What the model did since it was opened.
struct ReadModelCounts {
    std::uint64_t answered = 0;    ///< entities that lists took out of it
    std::uint64_t folded = 0;      ///< that it could not answer for: folded from their events
    std::uint64_t events = 0;      ///< folded into it
    std::uint64_t rebuilds = 0;    ///< types begun anew: their log was another one
    std::uint64_t failures = 0;    ///< of reads of the log, and of its own files; no answer suffers
    std::uint64_t lag_events = 0;  ///< of all types together, when each was last brought forward
};

/// How far the model of one type is.
struct ReadModelStatus {
    std::string name_space;
    std::string type;
    std::string position;          ///< token that it has reached; empty: not begun
    std::uint64_t lag_events = 0;  ///< positions up to the visible end, when it was last asked
};

/// The newest state of each entity of the types that were listed, so that lists and counts need not
/// fold each entity (docs/adr/0015, docs/formats/entity-model.md).
///
/// Derived, and never believed: a state counts only where the index of the log says that the
/// stream's last event is the one that it was made of and that all events are shown; all else is
/// folded. Which log it was made of is checked before the first answer, by the token that it has
/// reached; of another history it begins anew. So it may be behind, deleted or killed at any time.
///
/// A list brings its type forward to the visible end, for at most `catch_up_ns_max`; a thread of
/// the model's goes on with what is left. Memory: about 64 MiB, whatever there is. Any thread; the
/// store must outlive it.
class ReadModel {
  public:
    /// Types that are followed at a time; the others are folded, until one has been idle.
    static constexpr std::size_t kTypesMax = 1'024;
    /// Of larger documents nothing is kept: their entities are folded.
    static constexpr std::size_t kDocumentBytesMax = 256u << 10u;

    /// What is damaged or of another format is thrown away. io_error, disk_full, directory_locked.
    static Result<std::unique_ptr<ReadModel>> open(
        api::EventStore& store, const ReadModelOptions& options
    );
    ReadModel(const ReadModel&) = delete;
    ReadModel& operator=(const ReadModel&) = delete;
    ~ReadModel();

    [[nodiscard]] ReadModelCounts counts() const;
    /// Of the types that were asked for since it was opened.
    [[nodiscard]] std::vector<ReadModelStatus> status() const;
    /// Waits until no type is behind that a list left behind. For tests and measurements.
    void wait_until_built();

    /// For entity_list: brings the type forward, and gives what is there. Null: fold.
    [[nodiscard]] std::unique_ptr<TypeView> view(
        const api::CallContext& context, std::string_view type
    );
    void count_answers(std::uint64_t answered, std::uint64_t folded);

  private:
    class Impl;
    explicit ReadModel(std::unique_ptr<Impl> impl);
    const std::unique_ptr<Impl> impl_;
};

}  // namespace annals::entities
