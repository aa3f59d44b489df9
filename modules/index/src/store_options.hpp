// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/options.h>
#include <rocksdb/statistics.h>

namespace annals::index {

/// How the index uses RocksDB; the reasons are in docs/formats/index.md.
/// Null statistics: nothing is counted.
rocksdb::Options store_options(
    rocksdb::Env* env,
    const std::shared_ptr<rocksdb::Cache>& cache,
    const std::shared_ptr<rocksdb::Statistics>& statistics
);

}  // namespace annals::index
