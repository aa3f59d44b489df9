// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "annals/log/file_system.hpp"

namespace annals::log::detail {

/// An errno as an Error: disk_full when there is no room, io_error otherwise; names the file.
Error system_error(std::string_view what, const std::string& path, int error_number);

/// A file descriptor that closes itself; shared where several Files stand for one thing in memory.
class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor();
    [[nodiscard]] int number() const { return number_; }

  private:
    int number_;
};

/// File over a descriptor. The same body serves the disk (its own descriptor, sync is fdatasync)
/// and memory (a descriptor of a memfd that all Files of that path share, sync costs nothing).
class PosixFile final : public File {
  public:
    enum class Kind : std::uint8_t { kDisk, kMemory };

    PosixFile(std::shared_ptr<const Descriptor> descriptor, std::string path, Kind kind);
    ~PosixFile() override;

    [[nodiscard]] Result<std::uint64_t> size() const override;
    Status write_at(std::uint64_t offset, std::string_view bytes) override;
    Result<std::string> read_at(std::uint64_t offset, std::size_t bytes) const override;
    Status sync() override;
    Status resize(std::uint64_t bytes) override;
    Result<const char*> map(std::size_t bytes) override;

  private:
    std::shared_ptr<const Descriptor> descriptor_;
    std::string path_;
    Kind kind_;
    std::mutex mutex_;
    std::vector<std::pair<void*, std::size_t>> maps_;
};

}  // namespace annals::log::detail
