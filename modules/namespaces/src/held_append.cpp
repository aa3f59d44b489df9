// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "held_append.hpp"

#include <string_view>
#include <utility>

namespace annals::namespaces {
namespace {

template <class Visit>
void each_text(model::NewEvent& event, const Visit& visit) {
    for (std::string_view* text :
         {&event.stream,
          &event.type,
          &event.content_type,
          &event.actor,
          &event.correlation_id,
          &event.causation_id,
          &event.traceparent,
          &event.tracestate,
          &event.metadata,
          &event.data}) {
        visit(*text);
    }
    for (std::string_view& tag : event.tags) visit(tag);
    for (model::DialectField& field : event.dialect) {
        visit(field.name);
        visit(field.value);
    }
}

template <class Visit>
void each_text(model::Check& check, const Visit& visit) {
    if (auto* on_stream = std::get_if<model::StreamCheck>(&check)) {
        visit(on_stream->stream);
    } else {
        // A query has strings of its own.
        visit(std::get<model::QueryCheck>(check).after);
    }
}

template <class Visit>
void each_text(HeldAppend& held, const Visit& visit) {
    visit(held.context.name_space);
    visit(held.context.principal);
    visit(held.context.traceparent);
    visit(held.context.tracestate);
    visit(held.request.stream);
    visit(held.request.idempotency_key);
    for (model::NewEvent& event : held.request.events) each_text(event, visit);
    for (model::Check& check : held.request.checks) each_text(check, visit);
    if (held.request.tracking) {
        visit(held.request.tracking->source);
        visit(held.request.tracking->consumer);
        visit(held.request.tracking->key);
    }
}

}  // namespace

HeldAppend::HeldAppend(
    const api::CallContext& call_context,
    const model::AppendRequest& append_request,
    api::AppendDone answer
)
    : context(call_context), request(append_request), done(std::move(answer)) {
    std::size_t bytes = 0;
    each_text(*this, [&](const std::string_view& text) { bytes += text.size(); });
    bytes_.reserve(bytes);  // so that what is copied stays where it is
    each_text(*this, [&](std::string_view& text) {
        const std::size_t at = bytes_.size();
        bytes_.append(text);
        text = std::string_view(bytes_.data() + at, text.size());
    });
}

}  // namespace annals::namespaces
