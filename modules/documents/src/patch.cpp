// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/documents/patch.hpp"

#include <optional>
#include <string_view>
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

Patch replacing_all(Value document) {
    Object operation;
    operation.push_back({"op", Value("replace")});
    operation.push_back({"path", Value("")});
    operation.push_back({"value", std::move(document)});
    return {PatchFormat::kJson, Value(Array{Value(std::move(operation))})};
}

const Value* replaced_by(const Patch& patch) {
    const bool is_one = patch.format == PatchFormat::kJson && patch.body.is_array() &&
                        patch.body.array().size() == 1;
    if (!is_one) return nullptr;
    const Value& operation = patch.body.array().front();
    const auto is_text = [&](std::string_view name, std::string_view text) {
        const Value* member = operation.find(name);
        return member != nullptr && member->kind() == Kind::kString && member->string() == text;
    };
    if (!operation.is_object() || !is_text("op", "replace") || !is_text("path", "")) return nullptr;
    return operation.find("value");
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
