// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/base/random.hpp"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "annals/base/assert.hpp"

namespace annals {
namespace {

class RandomPool {
  public:
    void take(std::span<std::uint8_t> out) {
        while (!out.empty()) {
            if (used_ == pool_.size()) refill();
            const std::size_t n = std::min(out.size(), pool_.size() - used_);
            std::memcpy(out.data(), pool_.data() + used_, n);
            used_ += n;
            out = out.subspan(n);
        }
    }

  private:
    void refill() {
        std::size_t filled = 0;
        while (filled < pool_.size()) {
            const ssize_t n = ::getrandom(pool_.data() + filled, pool_.size() - filled, 0);
            ANNALS_ASSERT(n > 0, "the kernel gives random bytes");
            filled += static_cast<std::size_t>(n);
        }
        used_ = 0;
    }

    std::array<std::uint8_t, 4096> pool_{};
    std::size_t used_ = 4096;
};

}  // namespace

void fill_random(std::span<std::uint8_t> out) {
    thread_local RandomPool pool;
    pool.take(out);
}

std::uint64_t random_u64() {
    std::array<std::uint8_t, 8> raw{};
    fill_random(raw);
    std::uint64_t number = 0;
    std::memcpy(&number, raw.data(), sizeof number);
    return number;
}

}  // namespace annals
