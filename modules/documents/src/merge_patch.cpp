// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "merge_patch.hpp"

#include <utility>

namespace annals::documents {
namespace {

/// What sets a member to the value; nothing when null or a null member is in the way.
std::optional<Value> setting(const Value& after) {
    if (after.is_null() || has_null_member(after)) return std::nullopt;
    return after;
}

std::optional<Value> member_patch(const Value* before, const Value& after) {
    const bool is_nested = before != nullptr && before->is_object() && after.is_object();
    return is_nested ? merge_patch_between(*before, after) : setting(after);
}

}  // namespace

Value apply_merge_patch(Value target, const Value& patch) {
    if (!patch.is_object()) return patch;
    if (!target.is_object()) target = Value(Object());
    for (const Member& member : patch.object()) {
        if (member.value.is_null()) {
            target.erase(member.name);
            continue;
        }
        Value* current = target.find(member.name);
        Value before = current == nullptr ? Value() : std::move(*current);
        target.set(member.name, apply_merge_patch(std::move(before), member.value));
    }
    return target;
}

std::optional<Value> merge_patch_between(const Value& before, const Value& after) {
    if (!after.is_object()) return after;
    if (!before.is_object()) return setting(after);
    Object patch;
    for (const Member& member : before.object()) {
        if (after.find(member.name) == nullptr) patch.push_back({member.name, Value()});
    }
    for (const Member& member : after.object()) {
        const Value* old = before.find(member.name);
        if (old != nullptr && *old == member.value) continue;
        std::optional<Value> change = member_patch(old, member.value);
        if (!change) return std::nullopt;
        patch.push_back({member.name, std::move(*change)});
    }
    return Value(std::move(patch));
}

}  // namespace annals::documents
