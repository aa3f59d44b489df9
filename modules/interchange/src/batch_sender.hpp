// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <future>
#include <optional>
#include <span>

#include "annals/api/event_store.hpp"
#include "annals/interchange/importer.hpp"

#include "append_batch.hpp"

namespace annals::interchange {

/// Sends batches one after the other and settles what comes back: counts, retries, finds the bad
/// row, leaves out what is there already. One thread; a batch that was sent must stay until
/// settle() came back.
class BatchSender {
  public:
    BatchSender(
        api::EventStore& store,
        const api::CallContext& context,
        const ImportOptions& options,
        ImportObserver& observer,
        ImportReport& report
    )
        : store_(store),
          context_(context),
          options_(options),
          observer_(observer),
          report_(report) {}
    BatchSender(const BatchSender&) = delete;
    BatchSender& operator=(const BatchSender&) = delete;
    ~BatchSender();

    /// Starts the append; settle() must have been called for the one before.
    void send(const AppendBatch& batch);
    /// Waits for the append under way, if any. An error is one that no row is to blame for.
    Status settle();

  private:
    using Rows = std::span<const PreparedRow>;
    using Answer = Result<api::AppendResponse>;

    std::future<Answer> start(Rows rows);
    Status settle_rows(Rows rows, Answer answer);
    Status settle_halves(Rows rows);
    Status settle_others(Rows rows, const Error& conflict);
    bool is_stored(const PreparedRow& row);
    Answer ask_again(Rows rows, Answer answer);
    void reject(const PreparedRow& row, const Error& error);

    api::EventStore& store_;
    const api::CallContext& context_;
    const ImportOptions& options_;
    ImportObserver& observer_;
    ImportReport& report_;
    std::optional<std::future<Answer>> under_way_;
    Rows sent_;
};

}  // namespace annals::interchange
