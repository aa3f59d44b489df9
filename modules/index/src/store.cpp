// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "store.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include <rocksdb/listener.h>

#include "block.hpp"
#include "keys.hpp"
#include "store_options.hpp"

namespace annals::index {
namespace {

namespace fs = std::filesystem;

std::string db_path(const std::string& directory) { return directory + "/db"; }
std::string building_directory(const std::string& directory) { return directory + "/building"; }
std::string damage_path(const std::string& directory) { return directory + "/DAMAGED"; }

bool is_lock_error(const rocksdb::Status& status) {
    const std::string text = status.ToString();
    return status.IsIOError() && (text.find("lock") != std::string::npos) &&
           text.find("LOCK") != std::string::npos;
}

/// Whether the files themselves are at fault, so that building anew helps.
bool is_damage(const rocksdb::Status& status) {
    return status.IsCorruption() || status.IsInvalidArgument() || status.IsNotSupported() ||
           status.IsNotFound() || status.IsPathNotFound();
}

std::string read_text(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Error cannot_make(const std::string& directory, const std::error_code& failed) {
    const bool is_full = failed == std::errc::no_space_on_device;
    return Error(
        is_full ? ErrorCode::kDiskFull : ErrorCode::kIoError,
        "cannot make " + directory + ": " + failed.message()
    );
}

}  // namespace

Error error_of(const rocksdb::Status& status, std::string_view what) {
    ErrorCode code = ErrorCode::kIoError;
    if (is_damage(status)) code = ErrorCode::kDataLoss;
    if (status.IsNoSpace()) code = ErrorCode::kDiskFull;
    if (is_lock_error(status)) code = ErrorCode::kDirectoryLocked;
    return Error(code, std::string(what) + ": " + status.ToString());
}

class Store::Listener final : public rocksdb::EventListener {
  public:
    void set(std::function<void()> on_compacted) {
        const std::lock_guard lock(mutex_);
        on_compacted_ = std::move(on_compacted);
    }
    void OnCompactionCompleted(rocksdb::DB* /*db*/, const rocksdb::CompactionJobInfo& job)
        override {
        if (job.status.ok()) has_failed_.store(false, std::memory_order_relaxed);
        const std::lock_guard lock(mutex_);
        if (on_compacted_) on_compacted_();
    }
    void OnBackgroundError(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status* /*status*/)
        override {
        has_failed_.store(true, std::memory_order_relaxed);
    }
    /// The last background work of RocksDB ended with an error.
    [[nodiscard]] bool has_failed() const { return has_failed_.load(std::memory_order_relaxed); }
    void forget_failure() { has_failed_.store(false, std::memory_order_relaxed); }

  private:
    std::atomic<bool> has_failed_{false};
    std::mutex mutex_;
    std::function<void()> on_compacted_;
};

Result<std::unique_ptr<Store>> Store::open(
    const std::string& directory,
    const IndexOptions& options,
    const std::shared_ptr<rocksdb::Cache>& cache,
    const std::shared_ptr<rocksdb::Statistics>& statistics
) {
    auto store = std::unique_ptr<Store>(new Store);
    rocksdb::Env* env = rocksdb::Env::Default();
    store->directory_ = directory;
    if (options.is_in_memory) {
        store->memory_env_.reset(rocksdb::NewMemEnv(env));
        env = store->memory_env_.get();
        store->directory_ = "/index";
        env->CreateDirIfMissing(store->directory_).PermitUncheckedError();
    } else {
        const std::string damage = damage_path(directory);
        if (fs::exists(damage))
            return Error(ErrorCode::kDataLoss, "damage was found: " + read_text(damage));
        std::error_code failed;
        const bool is_new = fs::create_directories(directory, failed);
        if (is_new) fs::permissions(directory, fs::perms(0750), failed);  // as the log's
        if (failed) return cannot_make(directory, failed);
        fs::remove_all(building_directory(directory), failed);
    }
    const rocksdb::Status made = env->CreateDirIfMissing(building_directory(store->directory_));
    if (!made.ok()) return error_of(made, "cannot make a folder in " + directory);

    store->options_ = store_options(env, cache, statistics);
    store->listener_ = std::make_shared<Listener>();
    store->options_.listeners.push_back(store->listener_);
    rocksdb::DB* db = nullptr;
    const rocksdb::Status opened = rocksdb::DB::Open(
        store->options_, db_path(store->directory_), &db
    );
    if (!opened.ok()) return error_of(opened, "cannot open the index in " + directory);
    store->db_.reset(db);
    ANNALS_CHECK(store->read_mark());
    return store;
}

Result<IndexMark> Store::read_mark_in(
    const std::string& directory, const std::shared_ptr<rocksdb::Cache>& cache
) {
    std::error_code failed;
    if (!fs::exists(db_path(directory) + "/CURRENT", failed)) return IndexMark();
    const auto store = std::unique_ptr<Store>(new Store);
    store->directory_ = directory;
    store->options_ = store_options(rocksdb::Env::Default(), cache, nullptr);
    store->options_.create_if_missing = false;
    rocksdb::DB* db = nullptr;
    const rocksdb::Status opened = rocksdb::DB::OpenForReadOnly(
        store->options_, db_path(directory), &db
    );
    if (!opened.ok()) return error_of(opened, "cannot read the index in " + directory);
    store->db_.reset(db);
    ANNALS_CHECK(store->read_mark());
    return store->mark();
}

Status Store::destroy(const std::string& directory) {
    std::error_code failed;
    for (const std::string& path :
         {db_path(directory), building_directory(directory), damage_path(directory)}) {
        fs::remove_all(path, failed);
        if (failed)
            return Error(ErrorCode::kIoError, "cannot remove " + path + ": " + failed.message());
    }
    return ok();
}

Store::~Store() {
    if (listener_) listener_->set(nullptr);
    if (db_) db_->Close().PermitUncheckedError();
}

std::string Store::building_path() const { return building_directory(directory_) + "/window.sst"; }

Status Store::read_mark() {
    std::string key;
    std::optional<std::string> value;
    put_name_key(key, Family::kMark, "");
    ANNALS_CHECK(get(key, value));
    if (!value) return ok();
    const std::optional<DecodedMark> decoded = decode_mark(*value);
    if (!decoded) return damaged_value(key);
    if (decoded->format != kFormatVersion) {
        return Error(
            ErrorCode::kUnsupportedFormat, "the index has format " + std::to_string(decoded->format)
        );
    }
    mark_ = decoded->mark;
    return ok();
}

Status Store::ingest(const std::string& path, const IndexMark& mark) {
    rocksdb::IngestExternalFileOptions options;
    options.move_files = true;
    options.write_global_seqno = false;
    const rocksdb::Status status = db_->IngestExternalFile({path}, options);
    if (!status.ok()) return read_error(status);
    mark_ = mark;
    return ok();
}

Status Store::recover() {
    const rocksdb::Status resumed = db_->Resume();
    if (!resumed.ok()) return read_error(resumed);
    listener_->forget_failure();
    return read_mark();
}

Status Store::get(std::string_view key, std::optional<std::string>& value) const {
    std::string found;
    const rocksdb::Status status = db_->Get(
        rocksdb::ReadOptions(), {key.data(), key.size()}, &found
    );
    value.reset();
    if (status.IsNotFound()) return ok();
    if (!status.ok()) return read_error(status);
    value = std::move(found);
    return ok();
}

void Store::set_on_compacted(std::function<void()> on_compacted) {
    listener_->set(std::move(on_compacted));
}

std::uint64_t Store::runs() const {
    std::uint64_t runs = 0;
    std::string text;
    for (int level = 0; level < options_.num_levels; ++level) {
        const std::string name = rocksdb::DB::Properties::kNumFilesAtLevelPrefix +
                                 std::to_string(level);
        if (!db_->GetProperty(name, &text)) continue;
        const std::uint64_t files = std::stoull(text);
        runs += level == 0 ? files : std::min<std::uint64_t>(files, 1);
    }
    return runs;
}

bool Store::is_compacting() const {
    if (listener_->has_failed()) return false;
    using Properties = rocksdb::DB::Properties;
    for (const std::string& name :
         {Properties::kCompactionPending, Properties::kNumRunningCompactions}) {
        std::uint64_t value = 0;
        if (db_->GetIntProperty(name, &value) && value != 0) return true;
    }
    return false;
}

void Store::note_damage(const rocksdb::Status& status) const {
    if (is_in_memory()) return;
    std::ofstream out(damage_path(directory_), std::ios::binary);
    out << status.ToString();
}

Error Store::read_error(const rocksdb::Status& status) const {
    if (status.IsCorruption()) note_damage(status);
    return error_of(status, "the index in " + directory_ + " cannot be used");
}

Error Store::damaged_value(std::string_view key) const {
    const auto family = key.empty() ? std::string_view() : key.substr(0, 1);
    return read_error(rocksdb::Status::Corruption(
        "a value cannot be decoded, family", rocksdb::Slice(family.data(), family.size())
    ));
}

}  // namespace annals::index
