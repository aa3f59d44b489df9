// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "fold.hpp"

#include <algorithm>
#include <array>

#include "annals/documents/canonical.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/documents/patch.hpp"

namespace annals::entities {
namespace {

using documents::PatchFormat;
using documents::Value;

constexpr std::array<std::string_view, 3> kNames{"Created", "Updated", "Deleted"};

Error unreadable(const model::RecordedEvent& event, std::string_view why) {
    const std::string revision = std::to_string(event.revision.value);
    return Error(
               ErrorCode::kEntityUnreadable,
               std::string(event.stream) + " cannot be folded: its event of revision " + revision +
                   " " + std::string(why)
    )
        .with("stream", event.stream)
        .with("revision", revision)
        .with("type", event.type)
        .with("reason", why);
}

Stamp stamp_of(const model::RecordedEvent& event) {
    return {event.recorded_time, std::string(event.actor)};
}

}  // namespace

std::string_view field_of(const model::NewEvent& event, std::string_view name) {
    for (const model::DialectField& field : event.dialect) {
        if (field.name == name) return field.value;
    }
    return {};
}

std::optional<ChangeKind> change_kind_of(std::string_view event_type) {
    const std::size_t dot = event_type.rfind('.');
    const std::string_view name = dot == std::string_view::npos ? event_type
                                                                : event_type.substr(dot + 1);
    const auto found = std::find(kNames.begin(), kNames.end(), name);
    if (found == kNames.end()) return std::nullopt;
    return static_cast<ChangeKind>(found - kNames.begin());
}

std::string event_type_of(std::string_view entity_type, ChangeKind kind) {
    return std::string(entity_type).append(".").append(kNames[static_cast<std::size_t>(kind)]);
}

Result<documents::Patch> patch_of(const model::RecordedEvent& event) {
    const std::optional<ChangeKind> kind = change_kind_of(event.type);
    if (!kind) return unreadable(event, "is no change of an entity");
    if (*kind == ChangeKind::kDeleted) return documents::Patch{PatchFormat::kMerge, Value()};
    auto body = documents::parse_document(event.data, "data", kPatchLimits);
    if (!body) return unreadable(event, body.error().message());
    const bool is_json_patch = event.content_type == documents::kJsonPatchType;
    documents::Patch patch{
        is_json_patch ? PatchFormat::kJson : PatchFormat::kMerge, std::move(*body)
    };
    const bool must_be_object = !is_json_patch || *kind == ChangeKind::kCreated;
    if (must_be_object && !patch.body.is_object()) {
        return unreadable(event, "holds no JSON object");
    }
    return patch;
}

void Fold::add(const model::RecordedEvent& event) {
    is_empty_ = false;
    state_.revision = event.revision;
    state_.event_id = event.id;
    const std::optional<ChangeKind> kind = change_kind_of(event.type);
    if (!kind) return;
    if (*kind == ChangeKind::kCreated) broken_.reset();
    if (broken_) return;
    Status changed = change(event, *kind);
    if (!changed) broken_ = std::move(changed).take_error();
}

Status Fold::change(const model::RecordedEvent& event, ChangeKind kind) {
    state_.changed = stamp_of(event);
    if (kind == ChangeKind::kDeleted) {
        state_.is_deleted = true;
        return ok();
    }
    ANNALS_TRY(documents::Patch patch, patch_of(event));
    state_.hash.clear();
    if (kind == ChangeKind::kCreated || !state_.has_document) state_.created = state_.changed;
    if (kind == ChangeKind::kCreated) {
        state_.document = std::move(patch.body);
    } else {
        Value before = state_.has_document ? std::move(state_.document)
                                           : Value(documents::Object());
        auto after = documents::apply(patch, std::move(before));
        if (!after) return unreadable(event, after.error().message());
        state_.document = std::move(*after);
    }
    state_.has_document = true;
    state_.is_deleted = false;
    expected_hash_ = field_of(event, kHashField);
    return ok();
}

Result<std::optional<State>> Fold::finish() {
    if (is_empty_) return std::optional<State>();
    if (broken_) return *std::move(broken_);
    if (!expected_hash_.empty() && documents::hash_of(state_.document) != expected_hash_) {
        const std::string revision = std::to_string(state_.revision.value);
        return Error(
                   ErrorCode::kEntityUnreadable,
                   "the fold up to revision " + revision +
                       " gives another document than was written: events before it are missing or "
                       "changed"
        )
            .with("revision", revision)
            .with("reason", "hash");
    }
    if (!expected_hash_.empty()) state_.hash = expected_hash_;
    return std::optional<State>(std::move(state_));
}

}  // namespace annals::entities
