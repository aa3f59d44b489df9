// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "model_files.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>

namespace annals::entities {
namespace {

/// Of keys and values; another one is thrown away.
constexpr std::string_view kFormat = "1";
constexpr std::string_view kFormatKey = "f";
constexpr std::size_t kCacheBytes = 32u << 20u;
constexpr std::size_t kMemtableBytes = 8u << 20u;

rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }

rocksdb::Options files_options(rocksdb::Env* env) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(kCacheBytes);
    table.cache_index_and_filter_blocks = true;
    table.block_size = 16u << 10u;
    table.format_version = 5;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    rocksdb::Options options;
    options.env = env;
    options.create_if_missing = true;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    options.compression = rocksdb::kLZ4Compression;
    options.write_buffer_size = kMemtableBytes;
    options.max_write_buffer_number = 3;
    options.max_open_files = 256;
    options.max_background_jobs = 2;
    options.info_log_level = rocksdb::FATAL_LEVEL;
    options.keep_log_file_num = 1;
    options.stats_dump_period_sec = 0;
    options.stats_persist_period_sec = 0;
    return options;
}

rocksdb::WriteOptions unlogged() {
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    return options;
}

Error error_of(const rocksdb::Status& status, std::string_view what) {
    const std::string text = status.ToString();
    ErrorCode code = ErrorCode::kIoError;
    if (status.IsNoSpace()) code = ErrorCode::kDiskFull;
    if (status.IsIOError() && text.find("lock") != std::string::npos) {
        code = ErrorCode::kDirectoryLocked;
    }
    return Error(code, "the read model of entities: " + std::string(what) + ": " + text);
}

/// For the server alone, as the logs are.
Status make_folder(const std::string& directory) {
    std::error_code failed;
    const bool is_new = std::filesystem::create_directories(directory, failed);
    if (is_new) std::filesystem::permissions(directory, std::filesystem::perms(0750), failed);
    if (!failed) return ok();
    return Error(ErrorCode::kIoError, "cannot make " + directory + ": " + failed.message());
}

}  // namespace

std::string mark_key(const TypeName& name) {
    // No name has a NUL.
    return std::string("m").append(name.name_space).append(1, '\0').append(name.type);
}

std::string entry_prefix(const TypeName& name) {
    std::string key = "e";
    return key.append(name.name_space).append(1, '\0').append(name.type).append(1, '\0');
}

Result<std::unique_ptr<ModelFiles>> ModelFiles::open(const ReadModelOptions& options) {
    auto files = std::unique_ptr<ModelFiles>(new ModelFiles);
    rocksdb::Env* env = rocksdb::Env::Default();
    std::string directory = options.directory;
    if (options.is_in_memory) {
        files->memory_env_.reset(rocksdb::NewMemEnv(env));
        env = files->memory_env_.get();
        directory = "/entity-model";
    } else {
        files->directory_ = directory;
    }
    const rocksdb::Options rocks = files_options(env);
    for (bool is_second = false;; is_second = true) {
        // Each time: what begins anew takes the folder away, too.
        if (!options.is_in_memory) ANNALS_CHECK(make_folder(directory));
        rocksdb::DB* db = nullptr;
        rocksdb::Status status = rocksdb::DB::Open(rocks, directory, &db);
        std::string format;
        if (status.ok()) {
            files->db_.reset(db);
            status = db->Get({}, slice(kFormatKey), &format);
            if (status.IsNotFound() && is_second) {
                status = db->Put(unlogged(), slice(kFormatKey), slice(kFormat));
                format = kFormat;
            }
        }
        if (status.ok() && format == kFormat) return files;
        const Error error = error_of(status, "cannot open " + directory);
        if (is_second || error.code() != ErrorCode::kIoError) return error;
        // Empty, damaged or of another format: it begins with nothing.
        files->db_.reset();
        rocksdb::DestroyDB(directory, rocks).PermitUncheckedError();
    }
}

ModelFiles::~ModelFiles() {
    if (!db_) return;
    if (!has_failed()) db_->Flush({}).PermitUncheckedError();
    db_->Close().PermitUncheckedError();
    db_.reset();
    if (!has_failed() || directory_.empty()) return;
    std::error_code ignored;  // what stays is met as damage again
    std::filesystem::remove_all(directory_, ignored);
}

Status ModelFiles::check(const rocksdb::Status& status, std::string_view what) {
    if (status.ok()) return ok();
    note_failure();
    return error_of(status, what);
}

Result<std::optional<std::string>> ModelFiles::get(std::string_view key) {
    std::string value;
    const rocksdb::Status status = db_->Get({}, slice(key), &value);
    if (status.IsNotFound()) return std::optional<std::string>();
    ANNALS_CHECK(check(status, "cannot be read"));
    return std::optional<std::string>(std::move(value));
}

Status ModelFiles::write(rocksdb::WriteBatch& batch) {
    return check(db_->Write(unlogged(), &batch), "cannot be written");
}

Status ModelFiles::remove_type(const TypeName& name) {
    const std::string begin = entry_prefix(name);
    std::string end = begin;
    end.back() = '\1';
    // One batch: both or none.
    rocksdb::WriteBatch batch;
    batch.Delete(mark_key(name)).PermitUncheckedError();
    batch.DeleteRange(begin, end).PermitUncheckedError();
    return write(batch);
}

std::unique_ptr<rocksdb::Iterator> ModelFiles::scan() {
    if (has_failed()) return nullptr;
    return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator({}));
}

}  // namespace annals::entities
