// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/load_kit/load_result.hpp"

#include <algorithm>

namespace annals::load_kit {

void Counts::add(const Counts& other) {
    done += other.done;
    conflicts += other.conflicts;
    missing += other.missing;
    errors += other.errors;
    wrong += other.wrong;
    events += other.events;
    bytes += other.bytes;
    for (const auto& [code, count] : other.by_code) by_code[code] += count;
}

bool LoadResult::is_held() const { return std::ranges::all_of(checks, &CheckResult::is_held); }

}  // namespace annals::load_kit
