// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "annals/api/call_context.hpp"
#include "annals/api/consumer_history.hpp"
#include "annals/base/named_type.hpp"
#include "annals/base/result.hpp"

namespace annals::api {

inline constexpr std::size_t kConsumerNameBytesMax = 256;
/// Of an owner, a reason, an actor.
inline constexpr std::size_t kConsumerTextBytesMax = 1'024;
/// Of a foreign offset.
inline constexpr std::size_t kConsumerOffsetBytesMax = 1'024;
/// Of a dialect's own name of a consumer.
inline constexpr std::size_t kConsumerForeignIdBytesMax = 4'096;

/// How far a named reader has come, and whose it is.
struct ConsumerProgress {
    std::string consumer;
    /// Token of the last event that was handled: go on with AfterToken. Empty: none yet.
    std::string position;
    Position at;  ///< the position in it
    /// Counts claims and rewinds. 0: neither has happened, anybody may save.
    std::uint64_t epoch = 0;
    std::string owner;      ///< of the claim; empty: nobody holds it
    TimeNs changed_time;    ///< of the last change
    TimeNs last_seen_time;  ///< when an instance saved or claimed last; a rewind does not count
    /// Events of the log behind `at`. Nothing where that cannot be said: `problem`, or an offset
    /// that is no position.
    std::optional<std::uint64_t> behind;
    /// Name of the error that going on from `position` gives (token_unknown, token_beyond_end):
    /// the log was restored, say. Empty: all is well. A rewind mends it.
    std::string problem;
    std::string offset;      ///< what a foreign dialect saved, verbatim; empty: none did
    std::string foreign_id;  ///< the dialect's name of it, where that cannot be ours
    bool is_durable = true;  ///< false only of changes in interval mode
    bool operator==(const ConsumerProgress&) const = default;
};

struct ClaimConsumerRequest {
    std::string consumer;
    std::string owner;       ///< who takes it, for people: host and process
    std::string actor = {};  ///< who does it, for the history; may be empty
};

struct SaveProgressRequest {
    std::string consumer;
    std::string position;     ///< token of the last event that was handled
    std::uint64_t epoch = 0;  ///< as claimed, or as get() says
    std::string actor = {};   ///< who; may be empty
};

struct RewindConsumerRequest {
    std::string consumer;
    /// A token, or a position as people write it; 0 is the start.
    std::variant<std::string, Position> to;
    std::string reason;  ///< kept; must be given
    std::string actor;   ///< who; may be empty
};

struct RemoveConsumerRequest {
    std::string consumer;
    std::string reason = {};  ///< kept; may be empty
    std::string actor = {};   ///< who; may be empty
};

struct ListConsumersRequest {
    std::string prefix;
    std::string after;          ///< name, exclusive
    std::uint32_t limit = 100;  ///< 0: 100; at most model::Limits::kReadEventsMax
};

struct ConsumerList {
    std::vector<ConsumerProgress> consumers;  ///< by name, in byte order
    /// Give it as `after`. Empty: that was all. A page may be short, even empty, and not the last.
    std::string next;
};

/// What a dialect saves: any text, forwards or backwards.
struct SaveOffsetRequest {
    std::string consumer;
    std::string offset;
    std::string foreign_id;  ///< the dialect's name, where `consumer` is a substitute
};

/// Answer to a save. Called once, from any thread, perhaps before save() returns; must be quick.
using SaveDone = std::function<void(Result<ConsumerProgress>)>;

/// The seam for the progress of named readers (annals.v1.ConsumerStore). Bodies:
/// `consumers` over the logs of this process, a remote server (`client`).
///
/// Progress never goes back by itself: a save below what is stored is consumer_ahead, the same
/// position is no change. An instance that claims a consumer gets an epoch; whoever saves with an
/// older one is consumer_fenced. Changes answer once they are durable. All calls from any thread;
/// all but save() may wait. Every name: 1 to kConsumerNameBytesMax bytes of UTF-8 without control
/// characters, invalid_argument otherwise.
class ConsumerStore {
  public:
    ConsumerStore() = default;
    ConsumerStore(const ConsumerStore&) = delete;
    ConsumerStore& operator=(const ConsumerStore&) = delete;
    virtual ~ConsumerStore() = default;

    /// Makes the caller the owner, with an epoch above all before; whoever had it is fenced.
    /// Creates the consumer when there is none. `position` of the answer is where to go on.
    virtual Result<ConsumerProgress> claim(
        const CallContext& context, const ClaimConsumerRequest& request
    ) = 0;

    /// Takes what it needs before it returns, answers later; may read the disk, never waits for a
    /// sync, so that many saves share one. A consumer that is not there begins with its first save
    /// of epoch 0.
    ///
    /// consumer_fenced with `owner`, `epoch`, `current_epoch`; consumer_ahead with `position`,
    /// `current_position`; consumer_not_found: an epoch of a consumer that was deleted;
    /// token_unknown, token_beyond_end: `position` is not of this log's history (field `position`),
    /// or what is stored is not (field `stored_position`: rewind it).
    virtual void save(
        const CallContext& context, const SaveProgressRequest& request, SaveDone done
    ) = 0;
    /// Waits for the answer.
    Result<ConsumerProgress> save_and_wait(
        const CallContext& context, const SaveProgressRequest& request
    );

    /// Sets the position, back or forth, and fences the running instance: the epoch rises, nobody
    /// owns it. consumer_not_found, token_unknown, token_beyond_end.
    virtual Result<ConsumerProgress> rewind(
        const CallContext& context, const RewindConsumerRequest& request
    ) = 0;

    /// consumer_not_found when it never saved or was deleted.
    virtual Result<ConsumerProgress> get(
        const CallContext& context, const std::string& consumer
    ) = 0;
    virtual Result<ConsumerList> list(
        const CallContext& context, const ListConsumersRequest& request
    ) = 0;
    /// consumer_not_found when there is none. Its epoch is not used again.
    virtual Status remove(const CallContext& context, const RemoveConsumerRequest& request) = 0;

    /// Who did what, and why, newest first; also of one that was deleted. Saves and claims stay
    /// until the system log is scavenged, all else for good. consumer_not_found: there never was
    /// one. Looks at 4,096 events a page at most.
    virtual Result<ConsumerHistory> history(
        const CallContext& context, const ConsumerHistoryRequest& request
    ) = 0;

    /// For dialects that know neither tokens nor epochs. A number that is a position of the log
    /// becomes the consumer's position too. consumer_fenced while somebody owns the consumer. A
    /// body that cannot do it answers not_supported.
    virtual void save_offset(
        const CallContext& context, const SaveOffsetRequest& request, SaveDone done
    );
};

}  // namespace annals::api
