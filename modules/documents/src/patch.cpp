// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/documents/patch.hpp"

#include <optional>
#include <utility>

#include "json_patch.hpp"
#include "merge_patch.hpp"

namespace annals::documents {

bool is_empty(const Patch& patch) {
    if (patch.format == PatchFormat::kJson) {
        return patch.body.is_array() && patch.body.array().empty();
    }
    return patch.body.is_object() && patch.body.object().empty();
}

Patch diff(const Value& before, const Value& after) {
    std::optional<Value> merge = merge_patch_between(before, after);
    if (merge) return {PatchFormat::kMerge, std::move(*merge)};
    return {PatchFormat::kJson, json_patch_between(before, after)};
}

Result<Value> apply(const Patch& patch, Value document) {
    if (patch.format == PatchFormat::kJson) {
        return apply_json_patch(std::move(document), patch.body);
    }
    // A merge patch and a document of legal depths give no deeper one.
    return apply_merge_patch(std::move(document), patch.body);
}

Status check(const Patch& patch) {
    return patch.format == PatchFormat::kJson ? check_json_patch(patch.body) : ok();
}

}  // namespace annals::documents
