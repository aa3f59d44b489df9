// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>

#include "annals/base/result.hpp"
#include "annals/entities/read_model.hpp"

namespace annals::entities {

/// Which type of which namespace: the prefix of its keys.
struct TypeName {
    std::string name_space;
    std::string type;  ///< encoded, as in names of streams
    auto operator<=>(const TypeName&) const = default;
};

std::string mark_key(const TypeName& name);
/// Of all entities of the type; the id follows.
std::string entry_prefix(const TypeName& name);

/// The RocksDB of the read model (docs/formats/entity-model.md). Without a log of its own: after a
/// crash it is as it was some time before, each batch whole or not there. Once a call has failed
/// nothing is answered any more, and the next opening begins with nothing. Any thread.
class ModelFiles {
  public:
    static Result<std::unique_ptr<ModelFiles>> open(const ReadModelOptions& options);
    ModelFiles(const ModelFiles&) = delete;
    ModelFiles& operator=(const ModelFiles&) = delete;
    ~ModelFiles();

    /// Nothing when it is not there.
    Result<std::optional<std::string>> get(std::string_view key);
    Status write(rocksdb::WriteBatch& batch);
    /// Mark and entries, both or none.
    Status remove_type(const TypeName& name);
    /// Of what is there now. Null once a call has failed.
    std::unique_ptr<rocksdb::Iterator> scan();
    /// Tells what an iterator or a value met.
    void note_failure() { has_failed_.store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool has_failed() const { return has_failed_.load(std::memory_order_relaxed); }

  private:
    ModelFiles() = default;
    Status check(const rocksdb::Status& status, std::string_view what);

    std::string directory_;  ///< empty in memory
    std::unique_ptr<rocksdb::Env> memory_env_;
    std::unique_ptr<rocksdb::DB> db_;
    std::atomic<bool> has_failed_{false};
};

}  // namespace annals::entities
