// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "entity_list.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "annals/base/clock.hpp"
#include "annals/documents/canonical.hpp"
#include "annals/model/refusals.hpp"

#include "type_view.hpp"

namespace annals::entities {
namespace {

constexpr std::uint32_t kPageStreams = 256;

bool is_wanted(const ListEntities& request, const State& state) {
    if (!state.has_document || (state.is_deleted && !request.with_deleted)) return false;
    return std::all_of(
        request.filters.begin(),
        request.filters.end(),
        [&](const FieldFilter& filter) { return matches(filter, state.document); }
    );
}

Status check_request(const ListEntities& request) {
    ANNALS_CHECK(check_type(request.type));
    if (!request.after.empty()) ANNALS_CHECK(check_id(request.after, "after"));
    if (request.filters.size() <= EntityStore::kFiltersMax) return ok();
    return model::too_large("where", request.filters.size(), EntityStore::kFiltersMax, "filters");
}

/// A walk is long: nobody waits for it any more then.
Status check_deadline(const api::CallContext& context) {
    if (system_clock().monotonic_ns() < context.deadline_ns) return ok();
    return Error(
        ErrorCode::kDeadlineExceeded, "the list was not done in time: ask for less, or give more"
    );
}

/// Waits until the store has come to the position that the caller has seen.
Status wait_for_position(
    api::EventStore& store, const api::CallContext& context, const ListEntities& request
) {
    if (request.min_position.empty()) return ok();
    api::ReadRequest read;
    read.limit = 1;
    read.direction = api::Direction::kBackwards;
    read.min_position = request.min_position;
    read.max_wait_ms = request.max_wait_ms;
    ANNALS_CHECK(store.read(context, read));
    return ok();
}

}  // namespace

namespace {

Entity make_entity(const EntityKey& key, State state, std::string hash, std::string position) {
    Entity entity;
    entity.key = key;
    entity.revision = state.revision;
    entity.is_deleted = state.is_deleted;
    entity.created = std::move(state.created);
    entity.changed = std::move(state.changed);
    entity.hash = std::move(hash);
    entity.document = std::move(state.document);
    entity.position = std::move(position);
    return entity;
}

/// Whence the entities of one walk come, and how many were looked at.
class Source {
  public:
    Source(
        StateReader& reader,
        ReadModel* model,
        const api::CallContext& context,
        const ListEntities& request
    )
        : reader_(reader),
          model_(model),
          context_(context),
          request_(request),
          with_documents_(!request.skip_documents || !request.filters.empty()) {
        if (model_ != nullptr) view_ = model_->view(context, request.type);
    }
    ~Source() {
        if (model_ != nullptr) model_->count_answers(answered_, folded_);
    }
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;

    /// The streams that follow are of a page with this token.
    void begin_page(std::string_view position) {
        if (view_ && !view_->speaks_for(position)) view_.reset();
    }
    /// Shows it to the visitor when it meets the request; whether the walk goes on.
    Result<bool> visit(
        const EntityKey& key,
        const api::StreamSummary& stream,
        const std::string& position,
        const Visitor& visitor
    ) {
        if (view_) {
            if (auto entry = view_->find(key.id, stream, with_documents_)) {
                ++answered_;
                if (!is_wanted(request_, entry->state)) return true;
                return visitor.entity(
                    make_entity(key, std::move(entry->state), std::move(entry->hash), position)
                );
            }
        }
        ++folded_;
        ANNALS_TRY(Reading reading, reader_.read(context_, stream.name));
        if (!reading.state) return true;
        const State& state = *reading.state;
        if (state.problem) {
            if (state.is_deleted && !request_.with_deleted) return true;
            return visitor.unreadable(
                {key.id, state.revision, std::string(state.problem->message())}
            );
        }
        if (!is_wanted(request_, state)) return true;
        return visitor.entity(
            entities::make_entity(key, std::move(reading.state).take(), std::move(reading.position))
        );
    }
    [[nodiscard]] bool is_enough() const {
        return folded_ >= EntityStore::kLookedAtMax ||
               folded_ + answered_ >= EntityStore::kModelLookedAtMax;
    }

  private:
    StateReader& reader_;
    ReadModel* const model_;
    const api::CallContext& context_;
    const ListEntities& request_;
    const bool with_documents_;
    std::unique_ptr<TypeView> view_;
    std::size_t answered_ = 0;
    std::size_t folded_ = 0;
};

}  // namespace

Entity make_entity(const EntityKey& key, State state, std::string position) {
    std::string hash = state.hash.empty() ? documents::hash_of(state.document)
                                          : std::move(state.hash);
    return make_entity(key, std::move(state), std::move(hash), std::move(position));
}

Result<Walked> walk(
    api::EventStore& store,
    StateReader& reader,
    ReadModel* model,
    const api::CallContext& context,
    const ListEntities& request,
    const Visitor& visit
) {
    ANNALS_CHECK(check_request(request));
    ANNALS_CHECK(wait_for_position(store, context, request));
    Source source(reader, model, context, request);
    Walked walked;
    api::ListRequest names;
    names.prefix = stream_of({request.type, ""});
    names.limit = kPageStreams;
    if (!request.after.empty()) names.after = names.prefix + request.after;
    while (true) {
        ANNALS_TRY(const api::StreamList list, store.list_streams(context, names));
        if (walked.position.empty()) walked.position = list.position;
        source.begin_page(list.position);
        for (const api::StreamSummary& stream : list.streams) {
            ANNALS_CHECK(check_deadline(context));
            const EntityKey key{request.type, std::string(id_of_stream(stream.name))};
            ANNALS_TRY(const bool goes_on, source.visit(key, stream, list.position, visit));
            walked.next = key.id;
            if (!goes_on || source.is_enough()) return walked;
        }
        if (list.streams.size() < kPageStreams) break;
        names.after = list.streams.back().name;
    }
    walked.next.clear();
    return walked;
}

}  // namespace annals::entities
