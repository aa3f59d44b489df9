// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "append_call.hpp"

#include <algorithm>
#include <utility>

#include "annals/model/append.hpp"

#include "naming.hpp"
#include "stream_finder.hpp"

namespace annals::dialect_eskit {
namespace {

/// Places in AppendRequest::checks.
constexpr std::uint32_t kVersionCheck = 0;

Error duplicate() { return {ErrorCode::kIdConflict, "append : stored_event: duplicate"}; }

Error in_words_of_eskit(const Error& error) {
    return {error.code(), "append : " + std::string(error.message())};
}

model::QueryCheck no_event_with(const std::string& tag, std::string_view after) {
    model::QueryCheck check;
    check.query.items.push_back({{}, {tag}});
    check.after = after;
    return check;
}

}  // namespace

AppendCall::AppendCall(
    api::EventStore& store, runtime::WorkerPool& pool, CheckedEvent checked, Done done
)
    : store_(store),
      pool_(pool),
      checked_(std::move(checked)),
      form_(checked_),
      done_(std::move(done)) {}

void AppendCall::run(const api::CallContext& context) {
    name_space_ = context.name_space;
    deadline_ns_ = context.deadline_ns;
    const Status status = attempt(context);
    if (!status) done_(status);
}

Status AppendCall::attempt(const api::CallContext& context) {
    const std::string_view entity_type = entity_type_of(checked_.event.event_type());
    const auto found = find_stream(store_, context, checked_.key, entity_type);
    if (!found) return in_words_of_eskit(found.error());
    const bool is_new = found->stream.empty();
    if (!is_new) {
        const auto is_taken = is_taken_by_native_event(context, found->stream);
        if (!is_taken) return in_words_of_eskit(is_taken.error());
        if (*is_taken) return duplicate();
    }
    const std::string stream = is_new ? stream_name(entity_type, checked_.key) : found->stream;
    model::AppendRequest request;
    request.stream = stream;
    request.events.push_back(form_.event());
    request.checks.emplace_back(no_event_with(form_.version_tag(), ""));
    if (!found->has_tagged_events) {
        request.checks.emplace_back(no_event_with(form_.originator_tag(), found->tag_read_upto));
    }
    store_.append(
        context,
        request,
        [self = shared_from_this()](const Result<api::AppendResponse>& answer) {
            self->on_answer(answer);
        }
    );
    return ok();
}

Result<bool> AppendCall::is_taken_by_native_event(
    const api::CallContext& context, const std::string& stream
) {
    api::ReadRequest request;
    request.stream = stream;
    request.start = api::FromRevision{Revision(checked_.version - 1)};
    request.limit = 1;
    const auto page = store_.read(context, request);
    if (!page && page.error().code() == ErrorCode::kStreamNotFound) return false;
    if (!page) return page.error();
    bool is_taken = false;
    ANNALS_CHECK(page->events.for_each([&](const model::RecordedEvent& event) {
        is_taken = is_native(event) && version_of(event) == checked_.version;
        return ok();
    }));
    return is_taken;
}

void AppendCall::on_answer(const Result<api::AppendResponse>& answer) {
    if (answer) {
        done_(ok());
        return;
    }
    const auto* conflict = answer.error().details<model::ConflictDetails>();
    if (conflict == nullptr) {
        done_(in_words_of_eskit(answer.error()));
        return;
    }
    const auto& failed = conflict->failed_checks;
    const bool is_duplicate = std::any_of(failed.begin(), failed.end(), [](const auto& check) {
        return check.check_index == kVersionCheck;
    });
    if (is_duplicate) {
        done_(duplicate());
    } else {
        look_again();
    }
}

void AppendCall::look_again() {
    const bool is_posted = --attempts_left_ > 0 && pool_.post([self = shared_from_this()] {
        api::CallContext context;
        context.name_space = self->name_space_;
        context.deadline_ns = self->deadline_ns_;
        const Status status = self->attempt(context);
        if (!status) self->done_(status);
    });
    if (!is_posted) {
        done_(
            Error(ErrorCode::kOverloaded, "append : too many writers of this originator: try again")
        );
    }
}

}  // namespace annals::dialect_eskit
