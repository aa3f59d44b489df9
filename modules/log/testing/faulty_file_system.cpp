// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/log/testing/faulty_file_system.hpp"

#include <algorithm>
#include <set>

namespace annals::log::testing {
namespace {

constexpr std::size_t kSectorBytes = 512;

Error fault(ErrorCode code, std::string_view what, const std::string& path) {
    return Error(code, std::string(what) + " " + path + " (a fault of the test)")
        .with("file", path);
}

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.find_last_of('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

/// A change of a file's content: a write, or a new size where `size` is set.
struct ContentChange {
    std::uint64_t offset = 0;
    std::string bytes;
    std::optional<std::uint64_t> size;
};

void put(std::string& content, std::uint64_t offset, std::string_view bytes) {
    if (bytes.empty()) return;
    const auto end = static_cast<std::size_t>(offset) + bytes.size();
    if (content.size() < end) content.resize(end, '\0');
    content.replace(static_cast<std::size_t>(offset), bytes.size(), bytes);
}

}  // namespace

/// A file's content twice: as programs see it, and as the disk has it.
struct FaultyFileSystem::Node {
    std::unique_ptr<File> file;  ///< seen by programs
    std::string durable;
    std::vector<ContentChange> pending;
    std::uint64_t failed_syncs = 0;
};

/// Not yet durable change of a folder: a name set (node) or taken away (null).
struct FaultyFileSystem::NameChange {
    std::string directory;
    std::string path;
    std::shared_ptr<Node> node;
    std::string renamed_from;
};

class FaultyFileSystem::FaultyFile final : public File {
  public:
    FaultyFile(FaultyFileSystem& files, std::shared_ptr<Node> node, std::string path)
        : files_(files),
          node_(std::move(node)),
          path_(std::move(path)),
          generation_(files.generation_),
          seen_failed_syncs_(node_->failed_syncs) {}

    Result<std::uint64_t> size() const override {
        const std::lock_guard lock(files_.mutex_);
        ANNALS_CHECK(check());
        return node_->file->size();
    }

    Status write_at(std::uint64_t offset, std::string_view bytes) override {
        const std::lock_guard lock(files_.mutex_);
        ANNALS_CHECK(check());
        ANNALS_CHECK(files_.check_write(path_));
        ANNALS_TRY(const std::uint64_t old_size, node_->file->size());
        const std::uint64_t end = offset + bytes.size();
        const bool is_growing = end > old_size;
        if (is_growing && files_.bytes_max_ &&
            files_.bytes_locked() + (end - old_size) > *files_.bytes_max_) {
            return fault(ErrorCode::kDiskFull, "no room to write", path_);
        }
        const bool is_last = files_.writes_left_ && *files_.writes_left_ == 0;
        if (files_.writes_left_ && !is_last) --*files_.writes_left_;
        if (is_last) bytes = bytes.substr(0, files_.random_() % (bytes.size() + 1));
        ++files_.writes_;
        ANNALS_CHECK(node_->file->write_at(offset, bytes));
        node_->pending.push_back({offset, std::string(bytes), std::nullopt});
        if (!is_last) return ok();
        files_.is_stopped_ = true;
        return fault(ErrorCode::kIoError, "the machine stopped while writing", path_);
    }

    Result<std::string> read_at(std::uint64_t offset, std::size_t bytes) const override {
        const std::lock_guard lock(files_.mutex_);
        ANNALS_CHECK(check());
        return node_->file->read_at(offset, bytes);
    }

    Status sync() override {
        const std::lock_guard lock(files_.mutex_);
        ANNALS_CHECK(check());
        ++files_.syncs_;
        if (files_.take_sync_fault(path_)) {
            ++node_->failed_syncs;
            node_->pending.clear();  // the kernel has marked the pages clean
        }
        if (node_->failed_syncs != seen_failed_syncs_) {
            seen_failed_syncs_ = node_->failed_syncs;
            return fault(ErrorCode::kIoError, "cannot sync", path_);
        }
        for (const ContentChange& change : node_->pending) {
            if (change.size) {
                node_->durable.resize(static_cast<std::size_t>(*change.size), '\0');
            } else {
                put(node_->durable, change.offset, change.bytes);
            }
        }
        node_->pending.clear();
        return ok();
    }

    Status resize(std::uint64_t bytes) override {
        const std::lock_guard lock(files_.mutex_);
        ANNALS_CHECK(check());
        ANNALS_CHECK(files_.check_write(path_));
        ANNALS_CHECK(node_->file->resize(bytes));
        node_->pending.push_back({0, {}, bytes});
        return ok();
    }

    Result<const char*> map(std::size_t bytes) override {
        const std::lock_guard lock(files_.mutex_);
        ANNALS_CHECK(check());
        return node_->file->map(bytes);
    }

  private:
    [[nodiscard]] Status check() const {
        if (generation_ != files_.generation_)
            return fault(ErrorCode::kIoError, "a former life had open", path_);
        return files_.check_power(path_);
    }

    FaultyFileSystem& files_;
    std::shared_ptr<Node> node_;  // shared by all Files of one path
    std::string path_;
    std::uint64_t generation_;
    std::uint64_t seen_failed_syncs_;
};

FaultyFileSystem::FaultyFileSystem(std::uint64_t seed)
    : random_(seed), memory_(make_memory_file_system()) {}
FaultyFileSystem::~FaultyFileSystem() = default;

// ---- crashes ----

void FaultyFileSystem::stop() {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
}

void FaultyFileSystem::restart_after_kill() {
    const std::lock_guard lock(mutex_);
    is_stopped_ = false;
    writes_left_.reset();
    ++generation_;
}

void FaultyFileSystem::restart_after_power_loss() {
    const std::lock_guard lock(mutex_);
    is_stopped_ = false;
    writes_left_.reset();
    ++generation_;
    // The journal keeps the order of names: a random number of the first changes came through.
    const std::size_t kept = random_() % (name_changes_.size() + 1);
    for (std::size_t i = 0; i < kept; ++i) apply(name_changes_[i], durable_names_);
    name_changes_.clear();
    std::map<const Node*, std::shared_ptr<Node>> reborn;
    for (auto& [path, node] : durable_names_) {
        std::shared_ptr<Node>& fresh = reborn[node.get()];
        if (fresh == nullptr) fresh = *make_node(content_after_power_loss(*node));
        node = fresh;
    }
    names_ = durable_names_;
}

std::string FaultyFileSystem::content_after_power_loss(const Node& node) {
    std::string content = node.durable;
    for (const ContentChange& change : node.pending) {
        const std::uint64_t fate = random_() % 4;
        if (change.size) {
            if (fate % 2 == 0) content.resize(static_cast<std::size_t>(*change.size), '\0');
            continue;
        }
        if (fate == 0) continue;
        if (fate == 1) {
            put(content, change.offset, change.bytes);
            continue;
        }
        // Sectors: a first part of them, or any.
        const std::uint64_t sectors = change.bytes.size() / kSectorBytes + 2;
        const std::uint64_t first_lost = random_() % sectors;
        std::uint64_t sector = 0;
        for (std::size_t at = 0; at < change.bytes.size(); ++sector) {
            const auto in_sector = static_cast<std::size_t>((change.offset + at) % kSectorBytes);
            const std::size_t piece = std::min(kSectorBytes - in_sector, change.bytes.size() - at);
            const bool is_kept = fate == 2 ? sector < first_lost : random_() % 2 == 0;
            if (is_kept)
                put(content, change.offset + at, std::string_view(change.bytes).substr(at, piece));
            at += piece;
        }
    }
    return content;
}

// ---- faults ----

void FaultyFileSystem::fail_writes(ErrorCode code, std::string path_part) {
    const std::lock_guard lock(mutex_);
    write_fault_ = code;
    write_fault_path_ = std::move(path_part);
}

void FaultyFileSystem::stop_after_writes(std::uint64_t writes) {
    const std::lock_guard lock(mutex_);
    writes_left_ = writes;
}

void FaultyFileSystem::fail_next_sync(std::string path_part) {
    const std::lock_guard lock(mutex_);
    next_sync_fault_ = std::move(path_part);
}

void FaultyFileSystem::fail_syncs(std::string path_part) {
    const std::lock_guard lock(mutex_);
    sync_fault_ = std::move(path_part);
}

void FaultyFileSystem::fail_directory_syncs(bool is_failing) {
    const std::lock_guard lock(mutex_);
    are_directory_syncs_failing_ = is_failing;
}

void FaultyFileSystem::limit_bytes(std::optional<std::uint64_t> bytes) {
    const std::lock_guard lock(mutex_);
    bytes_max_ = bytes;
}

void FaultyFileSystem::clear_faults() {
    const std::lock_guard lock(mutex_);
    write_fault_.reset();
    writes_left_.reset();
    next_sync_fault_.reset();
    sync_fault_.reset();
    are_directory_syncs_failing_ = false;
    bytes_max_.reset();
}

std::uint64_t FaultyFileSystem::writes() const {
    const std::lock_guard lock(mutex_);
    return writes_;
}

std::uint64_t FaultyFileSystem::syncs() const {
    const std::lock_guard lock(mutex_);
    return syncs_;
}

std::uint64_t FaultyFileSystem::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_locked();
}

std::uint64_t FaultyFileSystem::bytes_locked() const {
    std::uint64_t sum = 0;
    for (const auto& [path, node] : names_) {
        if (const auto size = node->file->size()) sum += *size;
    }
    return sum;
}

Status FaultyFileSystem::check_power(const std::string& path) const {
    if (is_stopped_) return fault(ErrorCode::kIoError, "the machine is off:", path);
    return ok();
}

Status FaultyFileSystem::check_write(const std::string& path) const {
    if (write_fault_ && path.find(write_fault_path_) != std::string::npos) {
        return fault(*write_fault_, "cannot write", path);
    }
    return ok();
}

bool FaultyFileSystem::take_sync_fault(const std::string& path) {
    if (sync_fault_ && path.find(*sync_fault_) != std::string::npos) return true;
    if (!next_sync_fault_ || path.find(*next_sync_fault_) == std::string::npos) return false;
    next_sync_fault_.reset();
    return true;
}

// ---- FileSystem ----

Result<std::shared_ptr<FaultyFileSystem::Node>> FaultyFileSystem::make_node(std::string_view content
) {
    auto node = std::make_shared<Node>();
    const std::string name = "node-" + std::to_string(next_node_++);
    ANNALS_TRY(node->file, memory_->open(name, Mode::kCreate));
    ANNALS_CHECK(node->file->write_at(0, content));
    ANNALS_CHECK(memory_->remove(name));
    node->durable = content;
    return node;
}

void FaultyFileSystem::apply(const NameChange& change, Names& names) {
    if (!change.renamed_from.empty()) names.erase(change.renamed_from);
    if (change.node == nullptr) {
        names.erase(change.path);
    } else {
        names[change.path] = change.node;
    }
}

Result<std::unique_ptr<File>> FaultyFileSystem::open(const std::string& path, Mode mode) {
    const std::lock_guard lock(mutex_);
    ANNALS_CHECK(check_power(path));
    const auto found = names_.find(path);
    if (mode != Mode::kCreate) {
        if (found == names_.end()) return fault(ErrorCode::kIoError, "there is no", path);
        return std::unique_ptr<File>(std::make_unique<FaultyFile>(*this, found->second, path));
    }
    if (found != names_.end()) return fault(ErrorCode::kIoError, "there is already", path);
    ANNALS_CHECK(check_write(path));
    ANNALS_TRY(std::shared_ptr<Node> node, make_node({}));
    names_[path] = node;
    name_changes_.push_back({parent_of(path), path, node, {}});
    return std::unique_ptr<File>(std::make_unique<FaultyFile>(*this, std::move(node), path));
}

Result<bool> FaultyFileSystem::exists(const std::string& path) {
    const std::lock_guard lock(mutex_);
    ANNALS_CHECK(check_power(path));
    if (names_.contains(path)) return true;
    return std::find(directories_.begin(), directories_.end(), path) != directories_.end();
}

Result<std::vector<std::string>> FaultyFileSystem::list(const std::string& directory) {
    const std::lock_guard lock(mutex_);
    ANNALS_CHECK(check_power(directory));
    const std::string prefix = directory + "/";
    std::set<std::string> found;
    const auto collect = [&](const std::string& path) {
        if (!path.starts_with(prefix)) return;
        const std::string rest = path.substr(prefix.size());
        found.insert(rest.substr(0, rest.find('/')));
    };
    for (const auto& [path, node] : names_) collect(path);
    for (const std::string& path : directories_) collect(path);
    return std::vector<std::string>(found.begin(), found.end());
}

Status FaultyFileSystem::create_directories(const std::string& directory) {
    const std::lock_guard lock(mutex_);
    ANNALS_CHECK(check_power(directory));
    directories_.push_back(directory);
    return ok();
}

Status FaultyFileSystem::rename(const std::string& from, const std::string& to) {
    const std::lock_guard lock(mutex_);
    ANNALS_CHECK(check_power(from));
    ANNALS_CHECK(check_write(to));
    const auto found = names_.find(from);
    if (found == names_.end()) return fault(ErrorCode::kIoError, "there is no", from);
    NameChange change{parent_of(to), to, found->second, from};
    apply(change, names_);
    name_changes_.push_back(std::move(change));
    return ok();
}

Status FaultyFileSystem::remove(const std::string& path) {
    const std::lock_guard lock(mutex_);
    ANNALS_CHECK(check_power(path));
    ANNALS_CHECK(check_write(path));
    if (!names_.contains(path)) return fault(ErrorCode::kIoError, "there is no", path);
    NameChange change{parent_of(path), path, nullptr, {}};
    apply(change, names_);
    name_changes_.push_back(std::move(change));
    return ok();
}

Status FaultyFileSystem::remove_all(const std::string& directory) {
    const std::lock_guard lock(mutex_);
    ANNALS_CHECK(check_power(directory));
    const std::string prefix = directory + "/";
    std::vector<std::string> paths;
    for (const auto& [path, node] : names_) {
        if (path.starts_with(prefix)) paths.push_back(path);
    }
    for (const std::string& path : paths) {
        NameChange change{parent_of(path), path, nullptr, {}};
        apply(change, names_);
        name_changes_.push_back(std::move(change));
    }
    std::erase_if(directories_, [&](const std::string& path) {
        return path == directory || path.starts_with(prefix);
    });
    return ok();
}

Status FaultyFileSystem::sync_directory(const std::string& directory) {
    const std::lock_guard lock(mutex_);
    ANNALS_CHECK(check_power(directory));
    if (are_directory_syncs_failing_)
        return fault(ErrorCode::kIoError, "cannot sync the folder", directory);
    std::vector<NameChange> left;
    for (NameChange& change : name_changes_) {
        if (change.directory == directory) {
            apply(change, durable_names_);
        } else {
            left.push_back(std::move(change));
        }
    }
    name_changes_ = std::move(left);
    return ok();
}

Result<std::unique_ptr<DirectoryLock>> FaultyFileSystem::lock(const std::string& directory) {
    const std::lock_guard guard(mutex_);
    ANNALS_CHECK(check_power(directory));
    return memory_->lock(directory);
}

}  // namespace annals::log::testing
