// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "type_feed.hpp"

#include <unordered_map>
#include <utility>

#include "annals/documents/canonical.hpp"
#include "annals/entities/entity_key.hpp"
#include "annals/model/token.hpp"

namespace annals::entities {
namespace {

/// The mark of a type without news is written anew after so many positions.
constexpr std::uint64_t kMarkPositions = 100'000;

/// What tells that the token is not of the log's history (also: that the log is gone).
bool is_other_history(ErrorCode code) {
    return code == ErrorCode::kTokenUnknown || code == ErrorCode::kTokenBeyondEnd ||
           code == ErrorCode::kInvalidArgument || code == ErrorCode::kNamespaceNotFound;
}

/// An entity while a page is folded into it.
struct Folded {
    ModelEntry entry;
    bool is_there = false;  ///< has events
};

/// Not kept: what is not exactly the fold of all the stream's events, each as it was written.
void fold(Folded& folded, const model::RecordedEvent& event) {
    ModelEntry& entry = folded.entry;
    const bool was_there = std::exchange(folded.is_there, true);
    const std::uint64_t next = was_there ? entry.state.revision.value + 1 : 0;
    entry.position = event.position;
    if (was_there && !entry.is_kept) return;
    entry.is_kept = false;
    if (event.revision.value != next) return;
    Fold states = was_there ? Fold(std::move(entry.state)) : Fold();
    states.add(event);
    std::optional<State> state = states.finish();
    if (!state || state->problem) return;
    entry.state = std::move(*state);
    entry.is_kept = true;
    const auto kind = change_kind_of(event.type);
    if (kind && *kind != ChangeKind::kDeleted) entry.hash = field_of(event, kHashField);
}

std::string encode(Folded& folded) {
    ModelEntry& entry = folded.entry;
    if (entry.is_kept && entry.state.has_document && entry.hash.empty()) {
        entry.hash = documents::hash_of(entry.state.document);
    }
    std::string value = encode_entry(entry);
    if (value.size() <= ReadModel::kDocumentBytesMax) return value;
    entry.is_kept = false;
    return encode_entry(entry);
}

}  // namespace

TypeFeed::TypeFeed(
    api::EventStore& store, ModelFiles& files, FeedCounts& counts, TypeName name, std::string type
)
    : store_(store),
      files_(files),
      counts_(counts),
      name_(std::move(name)),
      type_(std::move(type)) {}

void TypeFeed::set_verified(std::optional<std::uint64_t> log_id_bits) {
    const std::lock_guard lock(mutex_);
    log_id_bits_ = log_id_bits;
}

Status TypeFeed::begin_anew() {
    // First nobody looks any more, then it goes.
    set_verified(std::nullopt);
    counts_.rebuilds.fetch_add(1, std::memory_order_relaxed);
    ANNALS_CHECK(files_.remove_type(name_));
    written_.clear();
    const std::lock_guard lock(mutex_);
    mark_.clear();
    return ok();
}

Result<bool> TypeFeed::advance(std::int64_t deadline_ns) {
    if (!is_loaded_) {
        ANNALS_TRY(std::optional<std::string> stored, files_.get(mark_key(name_)));
        is_loaded_ = true;
        written_ = stored.value_or("");
        const std::lock_guard lock(mutex_);
        mark_ = written_;
    }
    api::CallContext context;
    context.name_space = name_.name_space;
    context.deadline_ns = deadline_ns;
    api::ReadRequest request;
    request.filter.categories = {name_.type};
    request.limit = kPageEvents;
    if (!mark_.empty()) request.start = api::AfterToken{mark_};
    auto page = store_.read(context, request);
    if (!page && !mark_.empty() && is_other_history(page.error().code())) {
        ANNALS_CHECK(begin_anew());
        return true;
    }
    Status applied = page ? apply(*page) : Status(page.error());
    if (applied) return !page->is_end;
    set_verified(std::nullopt);
    counts_.failures.fetch_add(1, std::memory_order_relaxed);
    return std::move(applied).take_error();
}

Status TypeFeed::apply(const api::ReadPage& page) {
    ANNALS_TRY(const model::PositionToken end, model::parse_token(page.position));
    ANNALS_TRY(const model::PositionToken reached, model::parse_token(page.next));
    const std::string stream_prefix = name_.type + "-";
    const std::string prefix = entry_prefix(name_);
    std::unordered_map<std::string, Folded> entities;
    ANNALS_CHECK(page.events.for_each([&](const model::RecordedEvent& event) -> Status {
        if (!event.stream.starts_with(stream_prefix)) return ok();
        const std::string id(event.stream.substr(stream_prefix.size()));
        const auto [found, is_new] = entities.try_emplace(id);
        Folded& folded = found->second;
        if (is_new) {
            ANNALS_TRY(const std::optional<std::string> value, files_.get(prefix + id));
            if (value) {
                std::optional<ModelEntry> entry = decode_entry(*value, true);
                folded.is_there = true;
                // A damaged one is as one that is not kept; the next opening begins anew.
                if (entry) folded.entry = std::move(*entry);
                if (!entry) files_.note_failure();
            }
        }
        fold(folded, event);
        return ok();
    }));
    rocksdb::WriteBatch batch;
    for (auto& [id, folded] : entities)
        batch.Put(prefix + id, encode(folded)).PermitUncheckedError();
    const auto written = model::parse_token(written_);
    const bool is_far = written &&
                        reached.position.value > written->position.value + kMarkPositions;
    if (!entities.empty() || is_far) {
        batch.Put(mark_key(name_), page.next).PermitUncheckedError();
        ANNALS_CHECK(files_.write(batch));
        written_ = page.next;
    }
    counts_.events.fetch_add(page.events.size(), std::memory_order_relaxed);
    const std::lock_guard lock(mutex_);
    mark_ = page.next;
    log_id_bits_ = end.log_id_bits;
    lag_events_ = end.position.value - reached.position.value;
    return ok();
}

std::unique_ptr<TypeView> TypeFeed::view() {
    const std::lock_guard lock(mutex_);
    if (!log_id_bits_) return nullptr;
    std::unique_ptr<rocksdb::Iterator> entries = files_.scan();
    if (!entries) return nullptr;
    return std::make_unique<TypeView>(
        files_, std::move(entries), entry_prefix(name_), *log_id_bits_
    );
}

ReadModelStatus TypeFeed::status() const {
    const std::lock_guard lock(mutex_);
    return {name_.name_space, type_, mark_, lag_events_};
}

}  // namespace annals::entities
