// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/interchange/compression.hpp"

namespace annals::interchange {

/// Turns plain bytes into packed ones, a piece at a time.
class Packer {
  public:
    Packer() = default;
    Packer(const Packer&) = delete;
    Packer& operator=(const Packer&) = delete;
    virtual ~Packer() = default;

    /// Appends to `out` what is ready of it. is_last: all that was given so far becomes whole, as
    /// one member or frame; what follows begins another one.
    virtual Status pack(std::string& out, std::string_view plain, bool is_last) = 0;
};

std::unique_ptr<Packer> make_packer(Packing packing);

}  // namespace annals::interchange
