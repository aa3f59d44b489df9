// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/statistics.h>

#include "annals/index/index.hpp"

namespace annals::index {

/// What a RocksDB status means to a caller.
Error error_of(const rocksdb::Status& status, std::string_view what);

/// One RocksDB that takes in whole sorted files and nothing else (docs/formats/index.md): its place
/// on disk, its options, the one call that ingests, and what is done when it is damaged.
///
/// Threads: one ingests; any thread reads.
class Store {
  public:
    /// Opens or creates. Fails with data_loss or unsupported_format where throwing it away is the
    /// answer.
    static Result<std::unique_ptr<Store>> open(
        const std::string& directory,
        const IndexOptions& options,
        const std::shared_ptr<rocksdb::Cache>& cache,
        const std::shared_ptr<rocksdb::Statistics>& statistics = nullptr
    );
    /// What the store in the directory has reached; writes nothing. 0 where there is none.
    static Result<IndexMark> read_mark_in(
        const std::string& directory, const std::shared_ptr<rocksdb::Cache>& cache
    );
    /// Removes what open() made in the directory.
    static Status destroy(const std::string& directory);

    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    ~Store();

    [[nodiscard]] IndexMark mark() const { return mark_; }
    [[nodiscard]] bool is_in_memory() const { return memory_env_ != nullptr; }
    [[nodiscard]] rocksdb::DB& db() const { return *db_; }

    /// A path for the file to build, and the options to build it with.
    [[nodiscard]] std::string building_path() const;
    [[nodiscard]] const rocksdb::Options& options() const { return options_; }
    /// Takes the built file in: afterwards the store has reached `mark`, which the file contains.
    Status ingest(const std::string& path, const IndexMark& mark);
    /// After an error: asks RocksDB to go on, and finds out what it has really reached.
    Status recover();

    Status get(std::string_view key, std::optional<std::string>& value) const;
    /// Called from RocksDB's threads when fewer, larger files have taken the place of others.
    void set_on_compacted(std::function<void()> on_compacted);
    /// Sorted runs: files of level 0, and the levels below that are not empty.
    [[nodiscard]] std::uint64_t runs() const;
    /// Whether fewer runs are to be expected: compaction is at work or about to be. False while
    /// RocksDB has stopped it because of an error.
    [[nodiscard]] bool is_compacting() const;
    /// Notes that the files are damaged, so that the next opening throws them away.
    void note_damage(const rocksdb::Status& status) const;
    /// The error, noted when it tells of damage.
    Error read_error(const rocksdb::Status& status) const;
    Error damaged_value(std::string_view key) const;

  private:
    class Listener;
    Store() = default;
    Status read_mark();

    std::string directory_;
    std::unique_ptr<rocksdb::Env> memory_env_;
    rocksdb::Options options_;
    std::shared_ptr<Listener> listener_;
    std::unique_ptr<rocksdb::DB> db_;
    IndexMark mark_;
};

}  // namespace annals::index
