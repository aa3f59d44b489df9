// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string_view>

#include "annals/base/result.hpp"
#include "annals/documents/value.hpp"

namespace annals::documents {

enum class PatchFormat : std::uint8_t {
    kMerge,  ///< RFC 7396: readable, but null removes, so null members cannot be set
    kJson,   ///< RFC 6902: a list of operations; says everything
};

inline constexpr std::string_view kMergePatchType = "application/merge-patch+json";
inline constexpr std::string_view kJsonPatchType = "application/json-patch+json";
inline std::string_view content_type_of(PatchFormat format) {
    return format == PatchFormat::kMerge ? kMergePatchType : kJsonPatchType;
}

/// A difference between two documents.
struct Patch {
    PatchFormat format = PatchFormat::kMerge;
    Value body;
    bool operator==(const Patch&) const = default;
};

/// The body is `{}` or `[]`: nothing changes.
bool is_empty(const Patch& patch);

/// The patch for which apply(diff(a, b), a) is b, exactly. A merge patch where one can say it, else
/// a JSON patch. O(size of both), but O(length) for each change inside an array.
Patch diff(const Value& before, const Value& after);

/// The patch that makes the document of anything: one JSON patch operation that replaces the root.
Patch replacing_all(Value document);
/// The document where replacing_all made the patch, or might have; null where what is before
/// counts.
const Value* replaced_by(const Patch& patch);

/// The document with the patch applied. invalid_argument with `field` (`patch[3].path`) for a JSON
/// patch that is none, patch_failed with `field`, `path` and `rule` where its operations do not
/// meet the document, limit_exceeded for results beyond kDepthMax and copies beyond
/// kDocumentBytesMax. A merge patch never fails.
Result<Value> apply(const Patch& patch, Value document);

/// As far as RFC 6902 can be checked without a document.
Status check(const Patch& patch);

}  // namespace annals::documents
