// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "known_damage.hpp"

#include <algorithm>
#include <iterator>

namespace annals::log {

std::string to_string(const Damage& damage) {
    std::string text = "segment " + damage.segment + ", byte " + std::to_string(damage.offset);
    if (damage.first_position.value != 0) {
        text += ", position " + std::to_string(damage.first_position.value);
        if (damage.last_position > damage.first_position)
            text += " to " + std::to_string(damage.last_position.value);
    }
    return text + ": " + damage.what;
}

}  // namespace annals::log

namespace annals::log::detail {
namespace {

/// Where the last position is not known the range is its first one.
Position last_of(const Damage& damage) {
    return std::max(damage.first_position, damage.last_position);
}

bool touches(const Damage& before, const Damage& after) {
    return before.segment == after.segment &&
           after.first_position.value <= last_of(before).value + 1;
}

}  // namespace

bool KnownDamage::note(const Damage& damage) {
    const std::lock_guard lock(mutex_);
    const auto place = std::upper_bound(
        ranges_.begin(),
        ranges_.end(),
        damage.first_position,
        [](Position wanted, const Damage& known) { return wanted < known.first_position; }
    );
    if (place != ranges_.begin() && touches(*std::prev(place), damage)) {
        Damage& before = *std::prev(place);
        before.last_position = std::max(last_of(before), last_of(damage));
        if (place != ranges_.end() && touches(before, *place)) {
            before.last_position = std::max(before.last_position, last_of(*place));
            ranges_.erase(place);
        }
    } else if (place != ranges_.end() && touches(damage, *place)) {
        place->last_position = std::max(last_of(*place), last_of(damage));
        place->first_position = damage.first_position;
        place->offset = damage.offset;
    } else {
        if (ranges_.size() >= kRangesMax) return false;
        ranges_.insert(place, damage);
        count_.store(ranges_.size(), std::memory_order_relaxed);
        return true;
    }
    count_.store(ranges_.size(), std::memory_order_relaxed);
    return false;
}

std::optional<Damage> KnownDamage::find(Position position) const {
    if (count() == 0) return std::nullopt;
    const std::lock_guard lock(mutex_);
    const auto behind = std::upper_bound(
        ranges_.begin(),
        ranges_.end(),
        position,
        [](Position wanted, const Damage& known) { return wanted < known.first_position; }
    );
    if (behind == ranges_.begin() || position > last_of(*std::prev(behind))) return std::nullopt;
    return *std::prev(behind);
}

std::vector<Damage> KnownDamage::list() const {
    const std::lock_guard lock(mutex_);
    return ranges_;
}

}  // namespace annals::log::detail
