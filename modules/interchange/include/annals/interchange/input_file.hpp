// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <string>

#include "annals/base/result.hpp"

namespace annals::interchange {

/// A file to be read, unpacked on the way where its name ends in .gz or .zst (several members or
/// frames one behind the other are one file). Memory: a few hundred KiB. One thread.
class InputFile {
  public:
    InputFile() = default;
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;
    virtual ~InputFile() = default;

    /// invalid_argument when it cannot be opened.
    static Result<std::unique_ptr<InputFile>> open(const std::string& path);

    /// Turns bad where the file cannot be read, or is cut off or damaged as a packed file.
    [[nodiscard]] virtual std::istream& stream() = 0;
    /// Why the stream turned bad; empty when it did not.
    [[nodiscard]] virtual std::string failure() const = 0;
    /// Of the file as it lies there.
    [[nodiscard]] virtual std::uint64_t consumed_bytes() const = 0;
    [[nodiscard]] virtual std::uint64_t total_bytes() const = 0;
};

}  // namespace annals::interchange
