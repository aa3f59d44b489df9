// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/runtime/wake_scope.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "annals/base/assert.hpp"

namespace annals::runtime {
namespace {

/// One thread's open scope; few sleepers, so that a list is the quickest set.
struct Kept {
    bool is_open = false;
    std::vector<std::shared_ptr<Sleeper>> sleepers;
};

thread_local Kept kept;

}  // namespace

WakeScope::WakeScope() : is_outermost_(!std::exchange(kept.is_open, true)) {}

WakeScope::~WakeScope() {
    if (!is_outermost_) return;
    flush();
    kept.is_open = false;
}

// NOLINTNEXTLINE(readability-make-member-function-const): it is for who has the scope
void WakeScope::flush() {
    if (!is_outermost_) return;
    // NOLINTNEXTLINE(modernize-loop-convert): who is woken may keep others
    for (std::size_t i = 0; i < kept.sleepers.size(); ++i) kept.sleepers[i]->wake();
    kept.sleepers.clear();
}

bool WakeScope::is_open() { return kept.is_open; }

bool WakeScope::keep(const std::shared_ptr<Sleeper>& sleeper) {
    ANNALS_ASSERT(kept.is_open, "only an open scope keeps");
    if (std::ranges::find(kept.sleepers, sleeper) != kept.sleepers.end()) return false;
    kept.sleepers.push_back(sleeper);
    return true;
}

}  // namespace annals::runtime
