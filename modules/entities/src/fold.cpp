// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "fold.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "annals/documents/canonical.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/documents/patch.hpp"

namespace annals::entities {
namespace {

using documents::PatchFormat;
using documents::Value;

constexpr std::array<std::string_view, 3> kNames{"Created", "Updated", "Deleted"};

constexpr std::string_view kRemedy =
    ": replace it with the whole document, undo to a revision that can be read, or delete it";

Error unreadable(const model::RecordedEvent& event, std::string_view why) {
    const std::string revision = std::to_string(event.revision.value);
    return Error(
               ErrorCode::kEntityUnreadable,
               std::string(event.stream) + " cannot be folded: its event of revision " + revision +
                   " " + std::string(why) + std::string(kRemedy)
    )
        .with("stream", event.stream)
        .with("revision", revision)
        .with("type", event.type)
        .with("reason", why);
}

/// The first change that is shown changes what is not.
Error hidden_before(const model::RecordedEvent& event) {
    const std::string revision = std::to_string(event.revision.value);
    return Error(
               ErrorCode::kEntityUnreadable,
               std::string(event.stream) + " cannot be folded: what its event of revision " +
                   revision + " changes is hidden by truncation or retention: show the events " +
                   "before it again, or replace it with the whole document, or delete it"
    )
        .with("stream", event.stream)
        .with("revision", revision)
        .with("type", event.type)
        .with("reason", "hidden");
}

Error another_document(Revision at) {
    const std::string revision = std::to_string(at.value);
    return Error(
               ErrorCode::kEntityUnreadable,
               "the fold up to revision " + revision +
                   " gives another document than was written: events before it are missing or "
                   "changed" +
                   std::string(kRemedy)
    )
        .with("revision", revision)
        .with("reason", "hash");
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

std::optional<Revision> parse_revision(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return Revision(number);
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
    if (is_empty_) {
        begins_at_first_ = event.revision.value == 0;
        state_.begin = event.revision;
    }
    is_empty_ = false;
    state_.revision = event.revision;
    state_.event_id = event.id;
    state_.ends_with_hash = false;
    const std::optional<ChangeKind> kind = change_kind_of(event.type);
    if (!kind) return;
    state_.changed = stamp_of(event);
    state_.is_deleted = *kind == ChangeKind::kDeleted;
    const bool has_base = begins_at_first_ || state_.has_document;
    if (!has_base && !broken_ && *kind != ChangeKind::kCreated) broken_ = hidden_before(event);
    if (*kind == ChangeKind::kDeleted) return;
    if (*kind == ChangeKind::kCreated) {
        // Nothing of before matters, not even where this one cannot be read.
        broken_.reset();
        state_.has_document = false;
        state_.begin = event.revision;
        state_.begins_at_created = true;
    } else if (field_of(event, kHashField).empty()) {
        // Nobody would see afterwards that what it changes is wrong.
        compare();
    }
    Status changed = change(event, *kind);
    if (!changed && !broken_) broken_ = std::move(changed).take_error();
}

Status Fold::change(const model::RecordedEvent& event, ChangeKind kind) {
    // Nothing else can mend it, so nothing else is looked at.
    if (broken_ && event.content_type != documents::kJsonPatchType) return ok();
    ANNALS_TRY(documents::Patch patch, patch_of(event));
    if (kind == ChangeKind::kCreated) {
        state_.created = state_.changed;
        set_document(event, std::move(patch.body));
        return ok();
    }
    if (broken_) {
        const Value* whole = documents::replaced_by(patch);
        if (whole == nullptr || !whole->is_object()) return ok();
        broken_.reset();
        if (!state_.has_document) state_.created = state_.changed;
        set_document(event, *whole);
        return ok();
    }
    if (!state_.has_document) state_.created = state_.changed;
    Value before = state_.has_document ? std::move(state_.document) : Value(documents::Object());
    auto after = documents::apply(patch, std::move(before));
    if (!after) return unreadable(event, after.error().message());
    set_document(event, std::move(*after));
    return ok();
}

void Fold::set_document(const model::RecordedEvent& event, Value document) {
    state_.document = std::move(document);
    state_.has_document = true;
    state_.hash.clear();
    expected_hash_ = field_of(event, kHashField);
    expected_at_ = event.revision;
    state_.ends_with_hash = !expected_hash_.empty();
}

void Fold::compare() {
    if (broken_ || expected_hash_.empty()) return;
    if (documents::hash_of(state_.document) != expected_hash_) {
        broken_ = another_document(expected_at_);
    } else {
        state_.hash = expected_hash_;
    }
    expected_hash_.clear();
}

std::optional<State> Fold::finish() {
    if (is_empty_) return std::nullopt;
    compare();
    if (broken_) {
        state_.has_document = false;
        state_.document = Value();
        state_.hash.clear();
        state_.problem = std::move(broken_);
    }
    return std::optional<State>(std::move(state_));
}

}  // namespace annals::entities
