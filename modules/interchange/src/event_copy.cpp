// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "event_copy.hpp"

namespace annals::interchange {

model::NewEvent copy_of(const model::NewEvent& event, Arena& arena) {
    model::NewEvent copy = event;
    for (std::string_view* const text :
         {&copy.stream,
          &copy.type,
          &copy.content_type,
          &copy.actor,
          &copy.correlation_id,
          &copy.causation_id,
          &copy.traceparent,
          &copy.tracestate,
          &copy.metadata,
          &copy.data}) {
        *text = arena.copy(*text);
    }
    for (std::string_view& tag : copy.tags) tag = arena.copy(tag);
    for (model::DialectField& field : copy.dialect) {
        field.name = arena.copy(field.name);
        field.value = arena.copy(field.value);
    }
    return copy;
}

std::size_t size_of(const model::NewEvent& event) {
    std::size_t bytes = event.stream.size() + event.type.size() + event.content_type.size() +
                        event.actor.size() + event.correlation_id.size() +
                        event.causation_id.size() + event.traceparent.size() +
                        event.tracestate.size() + event.metadata.size() + event.data.size();
    for (const std::string_view tag : event.tags) bytes += tag.size();
    for (const model::DialectField& field : event.dialect)
        bytes += field.name.size() + field.value.size();
    return bytes;
}

}  // namespace annals::interchange
