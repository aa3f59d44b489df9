// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "store_options.hpp"

#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include "keys.hpp"

namespace annals::index {
namespace {

/// Filters hold whole names (heads, summaries) and names with their 0x00 (postings).
class NamePrefix final : public rocksdb::SliceTransform {
  public:
    const char* Name() const override { return "annals.name.1"; }
    rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
        const std::string_view prefix = filter_prefix({key.data(), key.size()});
        return {prefix.data(), prefix.size()};
    }
    bool InDomain(const rocksdb::Slice& key) const override {
        return !filter_prefix({key.data(), key.size()}).empty();
    }
};

/// What RocksDB has to say comes as a status; it writes no LOG file.
class SilentLogger final : public rocksdb::Logger {
  public:
    SilentLogger() : Logger(rocksdb::InfoLogLevel::FATAL_LEVEL) {}
    using Logger::Logv;
    void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

rocksdb::BlockBasedTableOptions table_options(const std::shared_ptr<rocksdb::Cache>& cache) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;
    table.block_size = 8u << 10u;
    table.format_version = 5;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.whole_key_filtering = false;
    table.optimize_filters_for_memory = true;
    table.cache_index_and_filter_blocks = true;
    table.cache_index_and_filter_blocks_with_high_priority = true;
    using Role = rocksdb::CacheEntryRole;
    using Decision = rocksdb::CacheEntryRoleOptions::Decision;
    for (const Role role : {Role::kBlockBasedTableReader, Role::kFilterConstruction}) {
        table.cache_usage_options.options_overrides[role].charged = Decision::kEnabled;
    }
    return table;
}

}  // namespace

rocksdb::Options store_options(
    rocksdb::Env* env,
    const std::shared_ptr<rocksdb::Cache>& cache,
    const std::shared_ptr<rocksdb::Statistics>& statistics
) {
    rocksdb::Options options;
    options.env = env;
    options.create_if_missing = true;
    options.statistics = statistics;
    options.info_log = std::make_shared<SilentLogger>();
    options.prefix_extractor = std::make_shared<NamePrefix>();
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(cache)));
    options.compression = rocksdb::kLZ4Compression;

    options.compaction_style = rocksdb::kCompactionStyleUniversal;
    options.level0_file_num_compaction_trigger = 8;
    options.compaction_options_universal.min_merge_width = 4;
    options.compaction_options_universal.size_ratio = 50;
    options.compaction_options_universal.max_size_amplification_percent = 1000;
    options.level0_slowdown_writes_trigger = 1000;
    options.level0_stop_writes_trigger = 1000;
    options.target_file_size_base = 64u << 20u;
    options.max_background_jobs = 3;
    options.max_subcompactions = 1;
    options.bytes_per_sync = 1u << 20u;

    // Nothing is ever put: the memtable and its log stay empty.
    options.write_buffer_size = 64u << 10u;
    options.arena_block_size = 4u << 10u;
    options.avoid_flush_during_shutdown = true;

    // Opening is quick.
    options.max_open_files = -1;
    options.max_file_opening_threads = 2;
    options.skip_stats_update_on_db_open = true;
    options.skip_checking_sst_file_sizes_on_db_open = true;
    options.stats_dump_period_sec = 0;
    options.stats_persist_period_sec = 0;
    return options;
}

}  // namespace annals::index
