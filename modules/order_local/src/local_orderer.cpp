// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/order_local/local_orderer.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "annals/base/assert.hpp"
#include "annals/commit/forgotten.hpp"
#include "annals/runtime/worker_pool.hpp"

#include "append_pool.hpp"
#include "disk_resolver.hpp"
#include "first_result.hpp"
#include "index_feed.hpp"
#include "memory_resolver.hpp"
#include "request_encoder.hpp"
#include "shared_state.hpp"
#include "writer.hpp"

namespace annals::order_local {
namespace {

/// Of the options as they were given: a full disk's index in memory makes the log no other.
std::string describe(const OrdererOptions& options) {
    if (options.index.is_in_memory) return "memory";
    if (options.durability.interval_ns == 0) return "every-append";
    return "interval=" + std::to_string(options.durability.interval_ns / 1'000'000) + "ms";
}

/// Threads for what needs the disk. Each has a queue of its own, and the first stream of an append
/// chooses, so that the appends of one stream stay in order. Started when first needed: a server
/// holds many logs, and most of them never do.
class Readers {
  public:
    explicit Readers(std::size_t tasks_max) : tasks_max_(tasks_max) {}

    void post(std::uint64_t hash, std::function<void()> task) {
        std::call_once(started_, [this] {
            for (auto& pool : pools_) {
                pool = std::make_unique<runtime::WorkerPool>("read", 1, tasks_max_);
            }
        });
        const bool is_posted = pools_[hash % kThreads]->post(std::move(task));
        ANNALS_ASSERT(is_posted, "what is under way is bounded by the orderer's queue");
    }

    void stop() {
        for (auto& pool : pools_) {
            if (pool) pool->stop();
        }
    }

  private:
    static constexpr std::size_t kThreads = 2;

    const std::size_t tasks_max_;
    std::once_flag started_;
    std::array<std::unique_ptr<runtime::WorkerPool>, kThreads> pools_;
};

/// How much was submitted and is not answered: the bound of everything else.
class UnderWay {
  public:
    UnderWay(std::size_t appends_max, std::size_t bytes_max)
        : appends_max_(appends_max), bytes_max_(bytes_max) {}

    /// shutting_down or overloaded; enter() must be followed by leave().
    Status enter() {
        const std::size_t before = appends_.fetch_add(1);
        if (is_closing_.load()) {
            leave(1, 0);
            return Error(ErrorCode::kShuttingDown, "the log is being closed");
        }
        if (before >= appends_max_) {
            leave(1, 0);
            return full("appends", before);
        }
        return ok();
    }

    /// A single append larger than the bound is taken when nothing else is under way.
    Status add_bytes(std::size_t bytes) {
        const std::size_t before = bytes_.fetch_add(bytes);
        if (before == 0 || before + bytes <= bytes_max_) return ok();
        bytes_.fetch_sub(bytes);
        return full("bytes", before);
    }

    void leave(std::size_t appends, std::size_t bytes) {
        bytes_.fetch_sub(bytes);
        if (appends_.fetch_sub(appends) != appends || !is_closing_.load()) return;
        const std::lock_guard lock(mutex_);
        emptied_.notify_all();
    }

    /// From now on nothing enters; waits until all have left. False when it was closed before.
    bool close() {
        if (is_closing_.exchange(true)) return false;
        std::unique_lock lock(mutex_);
        emptied_.wait(lock, [this] { return appends_.load() == 0; });
        return true;
    }

  private:
    static Error full(std::string_view what, std::size_t count) {
        return Error(
            ErrorCode::kOverloaded,
            "the log's queue is full with " + std::to_string(count) + " " + std::string(what) +
                ": back off and send it again"
        );
    }

    const std::size_t appends_max_;
    const std::size_t bytes_max_;
    std::atomic<std::size_t> appends_{0};
    std::atomic<std::size_t> bytes_{0};
    std::atomic<bool> is_closing_{false};
    std::mutex mutex_;
    std::condition_variable emptied_;
};

class LocalOrderer final : public commit::Orderer {
  public:
    LocalOrderer(
        OrdererOptions options,
        std::string durability,
        std::unique_ptr<log::SegmentLog> log,
        std::unique_ptr<index::Index> index,
        const model::Cut& cut
    );
    ~LocalOrderer() override;

    void submit(
        const commit::SubmitContext& context,
        const model::AppendRequest& request,
        commit::SubmitDone done
    ) override;

    [[nodiscard]] const log::SegmentLog& log() const override { return *log_; }
    [[nodiscard]] const index::Index& index() const override { return *index_; }
    [[nodiscard]] commit::VisibleEnd& visible_end() override { return visible_end_; }
    [[nodiscard]] TimeNs now() const override { return writer_.now(); }
    [[nodiscard]] bool is_clock_distrusted() const override {
        return writer_.is_clock_distrusted();
    }
    [[nodiscard]] model::Cut cut() const override { return state_.cut(); }
    [[nodiscard]] std::string durability() const override { return durability_; }
    [[nodiscard]] std::string read_only_reason() const override {
        return writer_.read_only_reason();
    }
    Result<log::ScavengeResult> scavenge_segment(
        Position first, const log::ScavengeRequest& request
    ) override {
        return log_->scavenge(first, request);
    }
    Status between_decisions(const std::function<Status()>& work) override {
        return writer_.between_groups(work);
    }
    Status seal_segments() override;
    Status close() override;

  private:
    using AppendPtr = std::unique_ptr<PreparedAppend>;

    WriterExits writer_exits();
    void queue(AppendPtr append);
    void prepare_from_disk(AppendPtr append);
    void read_and_queue(PreparedAppend* raw);
    void answer_replay(AppendPtr append);
    void finish(AppendPtr append, Result<model::AppendResult> result);

    const OrdererOptions options_;
    const std::string durability_;
    const std::unique_ptr<log::SegmentLog> log_;
    const std::unique_ptr<index::Index> index_;
    commit::VisibleEnd visible_end_;
    commit::StreamTable streams_;
    SharedState state_;
    UnderWay under_way_;
    std::atomic<bool> is_closed_{false};
    AppendPool pool_;
    AppendQueue queue_;
    Readers readers_;
    Writer writer_;
};

LocalOrderer::LocalOrderer(
    OrdererOptions options,
    std::string durability,
    std::unique_ptr<log::SegmentLog> log,
    std::unique_ptr<index::Index> index,
    const model::Cut& cut
)
    : options_(std::move(options)),
      durability_(std::move(durability)),
      log_(std::move(log)),
      index_(std::move(index)),
      visible_end_(log_->durable_end()),
      streams_(options_.stream_table_bytes_max),
      state_{
          .log = *log_,
          .index = *index_,
          .visible_end = visible_end_,
          .streams = streams_,
          .clock = *options_.clock,
          .metrics = *options_.metrics,
          .known_ids_max = options_.known_ids_max,
          .is_interval = options_.durability.interval_ns != 0,
          .newest_cut = cut,
      },
      under_way_(options_.queue_appends_max, options_.queue_bytes_max),
      // UnderWay is the bound; the queue's own is never the first to be met.
      queue_({.items_max = options_.queue_appends_max, .bytes_max = ~std::size_t{0}}),
      readers_(2 * options_.queue_appends_max),
      writer_(state_, options_, queue_, pool_, writer_exits()) {
    writer_.start();
}

LocalOrderer::~LocalOrderer() { static_cast<void>(close()); }

WriterExits LocalOrderer::writer_exits() {
    return {
        .prepare_again = [this](AppendPtr append) { prepare_from_disk(std::move(append)); },
        .answer_replay = [this](AppendPtr append) { answer_replay(std::move(append)); },
        .left =
            [this](std::size_t appends, std::size_t bytes) { under_way_.leave(appends, bytes); },
    };
}

void LocalOrderer::submit(
    const commit::SubmitContext& context,
    const model::AppendRequest& request,
    commit::SubmitDone done
) {
    const std::int64_t submitted_ns = system_clock().monotonic_ns();
    if (Status entered = under_way_.enter(); !entered) {
        options_.metrics->count_refusal(entered.error());
        return done(std::move(entered).take_error());
    }
    AppendPtr append = pool_.take();
    Status encoded = encode_request(state_, context, request, *append);
    if (encoded) encoded = under_way_.add_bytes(append->bytes());
    if (!encoded) {
        options_.metrics->count_refusal(encoded.error());
        pool_.give_back(std::move(append));
        done(std::move(encoded).take_error());
        return under_way_.leave(1, 0);
    }
    append->done = std::move(done);
    append->submitted_ns = submitted_ns;
    if (resolve_in_memory(state_, *append)) {
        queue(std::move(append));
    } else {
        prepare_from_disk(std::move(append));
    }
}

void LocalOrderer::queue(AppendPtr append) {
    const Status queued = queue_.push(append, 0);
    ANNALS_ASSERT(queued.has_value(), "what is under way fits the queue, and it closes when empty");
}

void LocalOrderer::prepare_from_disk(AppendPtr append) {
    append->mark_waiting();
    const std::uint64_t hash = append->streams.front().entry->hash;
    // std::function must be copyable, so the append travels bare; read_and_queue owns it again.
    readers_.post(hash, [this, raw = append.release()] { read_and_queue(raw); });
}

void LocalOrderer::read_and_queue(PreparedAppend* raw) {
    AppendPtr append(raw);
    Status resolved = resolve_from_disk(state_, *append);
    // Later appends to these streams may pass the readers again, but only behind this one.
    std::vector<commit::StreamEntry*> entries;
    entries.reserve(append->streams.size());
    for (const PreparedStream& stream : append->streams) {
        commit::StreamTable::pin_again(*stream.entry);
        entries.push_back(stream.entry);
    }
    append->is_counted_waiting = false;
    if (resolved) {
        queue(std::move(append));
    } else {
        finish(std::move(append), std::move(resolved).take_error());
    }
    for (commit::StreamEntry* entry : entries) {
        entry->waiting.fetch_sub(1);
        commit::StreamTable::unpin(*entry);
    }
}

void LocalOrderer::answer_replay(AppendPtr append) {
    const std::uint64_t hash = append->streams.front().entry->hash;
    readers_.post(hash, [this, raw = append.release()] {
        const Position first = raw->replay_first;
        const std::uint32_t events = raw->replay_events;
        finish(AppendPtr(raw), read_first_result(*log_, first, events));
    });
}

void LocalOrderer::finish(AppendPtr append, Result<model::AppendResult> result) {
    const std::size_t bytes = append->bytes();
    options_.metrics->observe_duration(system_clock().monotonic_ns() - append->submitted_ns);
    if (result) {
        options_.metrics->count_replay();
    } else {
        options_.metrics->count_refusal(result.error());
    }
    append->done(std::move(result));
    pool_.give_back(std::move(append));
    under_way_.leave(1, bytes);
}

Status LocalOrderer::seal_segments() {
    ANNALS_CHECK(writer_.between_groups([this] { return log_->begin_segment(); }));
    log_->wait_for_seals();
    return ok();
}

Status LocalOrderer::close() {
    // Replays of what is not synced yet would keep it waiting for the interval.
    if (!is_closed_.exchange(true)) writer_.hurry();
    if (!under_way_.close()) return ok();
    queue_.close();
    writer_.join();
    readers_.stop();
    Status flushed = log_->is_poisoned() ? ok() : index_->flush();
    Status closed = log_->is_poisoned() ? ok() : log_->close();
    visible_end_.close();
    Status failed = flushed ? std::move(closed) : std::move(flushed);
    if (failed || failed.error().code() != ErrorCode::kDiskFull) return failed;
    return std::move(failed).take_error().with(
        "remedy", "Nothing is lost: the next start reads the end of the log again."
    );
}

/// The index of a log that is being opened, in its folder or, where nothing can be written, in
/// memory: made anew from the log, as long as the orderer lives.
class IndexOpening {
  public:
    IndexOpening(
        std::string directory,
        index::IndexOptions& options,
        index::IndexMemory& memory,
        std::function<bool(const index::IndexMark&)> is_mark_valid,
        bool accepts_damage,
        OpenReport& report
    )
        : directory_(std::move(directory)),
          options_(options),
          memory_(memory),
          is_mark_valid_(std::move(is_mark_valid)),
          accepts_damage_(accepts_damage),
          report_(report) {}

    Result<std::unique_ptr<index::Index>> open(std::string& discarded) {
        auto opened = try_open(discarded);
        if (opened || !may_go_to_memory(opened.error())) return opened;
        // What cannot be opened may still prove that the log has lost its end.
        const Result<index::IndexMark> mark = index::Index::mark_in(directory_, memory_);
        if (mark && mark->position.value > 0) static_cast<void>(is_mark_valid_(*mark));
        go_to_memory(opened.error());
        return try_open(discarded);
    }

    /// Feeds what is missing. Where the disk gets full meanwhile it begins again in memory.
    Result<FedEvents> feed(
        const log::SegmentLog& log,
        std::unique_ptr<index::Index>& index,
        const FeedProgress& progress
    ) {
        Result<FedEvents> fed = feed_index(log, *index, progress);
        if (fed || !may_go_to_memory(fed.error())) return fed;
        go_to_memory(fed.error());
        index.reset();
        ANNALS_TRY(index, try_open(report_.index_discarded));
        return feed_index(log, *index, progress);
    }

  private:
    [[nodiscard]] bool may_go_to_memory(const Error& error) const {
        // What only the index on the disk knows of lost events would be given again.
        const bool is_damage_accepted = accepts_damage_ && !report_.recovery.damages.empty();
        return error.code() == ErrorCode::kDiskFull && !options_.is_in_memory &&
               !is_damage_accepted;
    }
    Result<std::unique_ptr<index::Index>> try_open(std::string& discarded) {
        return index::Index::open(directory_, options_, memory_, is_mark_valid_, discarded);
    }
    void go_to_memory(const Error& why) {
        options_.is_in_memory = true;
        report_.index_in_memory = why.message();
    }

    const std::string directory_;
    index::IndexOptions& options_;
    index::IndexMemory& memory_;
    const std::function<bool(const index::IndexMark&)> is_mark_valid_;
    const bool accepts_damage_;
    OpenReport& report_;
};

/// On a full disk what was fed stays in memory, until there is room.
Status flush(index::Index& index) {
    Status flushed = index.flush();
    return !flushed && flushed.error().code() == ErrorCode::kDiskFull ? ok() : flushed;
}

}  // namespace

Result<std::unique_ptr<commit::Orderer>> open_local_orderer(
    log::FileSystem& files,
    const std::string& directory,
    const OrdererOptions& options,
    index::IndexMemory& memory,
    OpenReport& report,
    const FeedProgress& progress
) {
    OrdererOptions complete = options;
    if (complete.clock == nullptr) complete.clock = &system_clock();
    if (!complete.metrics) complete.metrics = std::make_shared<AppendMetrics>();
    if (complete.log.clock == nullptr) complete.log.clock = complete.clock;
    ANNALS_TRY(
        std::unique_ptr<log::SegmentLog> log,
        log::SegmentLog::open(files, directory + "/events", complete.log, report.recovery)
    );
    // Where nothing can be written the index is made anew in memory.
    if (report.recovery.is_disk_read_only) complete.index.is_in_memory = true;
    const auto is_mark_valid = [&](const index::IndexMark& mark) {
        if (is_mark_of(*log, mark)) return true;
        const bool is_known = complete.log.accept_damage || !report.recovery.damages.empty();
        if (is_known || mark.position <= log->durable_end()) return false;
        complete.log.proven_end = mark.position;
        return true;  // looked at no further
    };
    IndexOpening opening(
        directory + "/index",
        complete.index,
        memory,
        is_mark_valid,
        complete.log.accept_damage,
        report
    );
    ANNALS_TRY(std::unique_ptr<index::Index> index, opening.open(report.index_discarded));
    if (complete.log.proven_end > log->durable_end()) {
        // It alone proves that the log has lost its end, and stays as it is.
        index.reset();
        log.reset();
        ANNALS_TRY(
            log, log::SegmentLog::open(files, directory + "/events", complete.log, report.recovery)
        );
        complete.index.is_in_memory = true;
        ANNALS_TRY(index, opening.open(report.index_discarded));
    }
    ANNALS_TRY(const bool is_lost, is_lost_still(*log, *index));
    if (!is_lost) {
        index.reset();
        ANNALS_CHECK(files.remove_all(directory + "/index"));
        std::string was_empty;
        ANNALS_TRY(index, opening.open(was_empty));
        report.index_discarded = "what it took for lost to damage is whole again";
    }
    ANNALS_TRY(const FedEvents fed, opening.feed(*log, index, progress));
    report.index_fed_events = fed.events;
    report.index_lost_events = fed.lost;
    ANNALS_TRY(report.index_unplaced_events, count_unplaced(*index));
    if (report.index_fed_events > complete.index.window_events_max) ANNALS_CHECK(flush(*index));
    ANNALS_TRY(const model::Cut cut, commit::read_cut(*index, *log));
    return std::unique_ptr<commit::Orderer>(std::make_unique<LocalOrderer>(
        std::move(complete), describe(options), std::move(log), std::move(index), cut
    ));
}

}  // namespace annals::order_local
