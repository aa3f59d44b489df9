// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "type_reader.hpp"

#include <utility>

#include "annals/documents/document_text.hpp"

#include "type_record.hpp"

namespace annals::entities {
namespace {

std::string key_of(const api::CallContext& context, std::string_view type) {
    // No name has a NUL.
    return std::string(context.name_space).append(1, '\0').append(type);
}

}  // namespace

Status TypeRules::check(std::string_view what, const documents::Value& document) const {
    if (!schema) return ok();
    ANNALS_TRY(const schemas::Verdict verdict, schema->validate(document));
    if (verdict.is_valid()) return ok();
    return schemas::make_not_valid(what, verdict).with("schema_version", std::to_string(version));
}

Result<std::optional<EntityType>> read_type(
    api::EventStore& store, const api::CallContext& context, const std::string& stream
) {
    api::ReadRequest request;
    request.stream = stream;
    request.direction = api::Direction::kBackwards;
    request.limit = 1;
    auto page = store.read(context, request);
    if (!page && page.error().code() == ErrorCode::kStreamNotFound) {
        return std::optional<EntityType>();
    }
    if (!page) return std::move(page).take_error();
    std::optional<EntityType> found;
    ANNALS_CHECK(page->events.for_each([&](const model::RecordedEvent& event) -> Status {
        ANNALS_TRY(found, parse_type_event(event));
        found->position = page->position;
        return ok();
    }));
    return found;
}

Result<TypeRules> TypeReader::rules(const api::CallContext& context, std::string_view type) {
    TypeRules rules;
    rules.stream = type_stream_of(type);
    const auto head = store_.get_stream(context, rules.stream);
    if (!head && head.error().code() == ErrorCode::kStreamNotFound) return rules;
    if (!head) return head.error();
    const Mark mark{head->last_revision, head->last_position, head->last_time};
    std::string key = key_of(context, type);
    forget_absent(key);
    if (auto known = find(key, mark)) return *std::move(known);
    ANNALS_TRY(const std::optional<EntityType> read, read_type(store_, context, rules.stream));
    if (!read) return rules;
    rules.expectation = model::ExpectedRevision::exactly(read->revision);
    rules.version = read->version;
    std::size_t bytes = 0;
    if (!read->is_deleted && read->is_validated) {
        schemas::CompileOptions options;
        options.draft = read->draft;
        ANNALS_TRY(rules.schema, schemas::Schema::compile(read->schema, std::move(options)));
        bytes = documents::to_text(read->schema).size();
    }
    // A put in between: the mark is older than the rules, and the next call reads again.
    remember(std::move(key), {mark, rules}, bytes);
    return rules;
}

std::optional<TypeRules> TypeReader::try_rules(
    const api::CallContext& context, std::string_view type
) {
    TypeRules none;
    none.stream = type_stream_of(type);
    std::string key = key_of(context, type);
    if (was_absent(key)) return none;
    api::ReadRequest request;
    request.stream = none.stream;
    request.direction = api::Direction::kBackwards;
    request.limit = 1;
    const auto page = store_.try_read(context, request);
    if (!page) return std::nullopt;
    if (!*page) {
        if ((*page).error().code() != ErrorCode::kStreamNotFound) return std::nullopt;
        remember_absent(std::move(key));
        return none;
    }
    std::optional<TypeRules> found;
    const Status read = (*page)->events.for_each([&](const model::RecordedEvent& event) {
        found = find(key, Mark{event.revision, event.position, event.recorded_time});
        return ok();
    });
    return read ? std::move(found) : std::nullopt;
}

std::optional<TypeRules> TypeReader::find(const std::string& key, const Mark& mark) {
    const std::lock_guard lock(mutex_);
    const auto known = entries_.find(key);
    if (known == entries_.end() || known->second.mark != mark) return std::nullopt;
    return known->second.rules;
}

bool TypeReader::was_absent(const std::string& key) {
    const std::lock_guard lock(mutex_);
    return absent_.contains(key);
}

void TypeReader::remember_absent(std::string key) {
    const std::lock_guard lock(mutex_);
    if (absent_.size() >= kAbsentMax) absent_.clear();
    absent_.insert(std::move(key));
}

void TypeReader::forget_absent(const std::string& key) {
    const std::lock_guard lock(mutex_);
    absent_.erase(key);
}

void TypeReader::remember(std::string key, Entry entry, std::size_t bytes) {
    constexpr std::size_t kEntryBytes = 1'024;
    const std::lock_guard lock(mutex_);
    bytes_ += bytes + kEntryBytes;
    if (bytes_ > kBytesMax) {
        entries_.clear();
        bytes_ = bytes + kEntryBytes;
    }
    entries_.insert_or_assign(std::move(key), std::move(entry));
}

}  // namespace annals::entities
