// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <span>
#include <string>

#include "annals/base/result.hpp"
#include "annals/interchange/compression.hpp"

namespace annals::interchange {

/// Turns packed bytes into plain ones, a piece at a time.
class Unpacker {
  public:
    Unpacker() = default;
    Unpacker(const Unpacker&) = delete;
    Unpacker& operator=(const Unpacker&) = delete;
    virtual ~Unpacker() = default;

    struct Step {
        std::size_t consumed = 0;
        std::size_t produced = 0;
    };
    /// unreadable_input when the bytes are damaged.
    virtual Result<Step> step(std::span<const char> packed, std::span<char> plain) = 0;
    /// Whether the input may end here: not within a member or a frame.
    [[nodiscard]] virtual bool is_at_end() const = 0;
};

std::unique_ptr<Unpacker> make_unpacker(Packing packing);

}  // namespace annals::interchange
