// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "frame_texts.hpp"

#include <optional>
#include <utility>

#include "annals/json_events/removed_json.hpp"

#include "frame_kinds.hpp"
#include "selection.hpp"

namespace annals::http_door::detail {
namespace {

void append_mark(std::string& text, std::string_view name, const std::string& position) {
    text += "event: ";
    text += name;
    text += "\nid: ";
    text += position;
    text += "\ndata: {\"position\":\"";
    text += position;
    text += "\"}\n\n";
}

void append_removed(
    std::string& text, const api::RemovedEvents& removed, const std::string& position
) {
    text += "event: ";
    text += name_of(FeedKind::kRemoved);
    text += "\nid: ";
    text += resume_id(position, removed.last_position);
    text += "\ndata: ";
    json_events::append_removed(text, removed);
    text += "\n\n";
}

/// Events are written without a name, so that an EventSource hands them to `onmessage`; what was
/// removed between them in its place. An event, or a mark, is the last.
Status append_events(
    const api::SubscriptionFrame& frame,
    json_events::EventFormat format,
    std::string_view name_space,
    std::string& text
) {
    std::size_t left = frame.events.size();
    auto removed = frame.removed.begin();
    ANNALS_CHECK(frame.events.for_each([&](const model::RecordedEvent& event) {
        for (; removed != frame.removed.end() && removed->last_position < event.position; ++removed)
            append_removed(text, *removed, frame.position);
        --left;
        text += "id: ";
        text += resume_id(frame.position, left == 0 ? std::nullopt : std::optional(event.position));
        text += "\ndata: ";
        json_events::append_event_as(text, event, format, name_space);
        text += "\n\n";
        return ok();
    }));
    for (; removed != frame.removed.end(); ++removed)
        append_removed(text, *removed, frame.position);
    return ok();
}

}  // namespace

Status FrameTexts::append(
    const api::SubscriptionFrame& frame,
    json_events::EventFormat format,
    std::string_view name_space,
    std::string& text
) {
    if (frame.mark != api::SubscriptionMark::kNone) {
        ANNALS_CHECK(append_events(frame, format, name_space, text));
        append_mark(text, name_of(kind_of(frame.mark)), frame.position);
        return ok();
    }
    const std::string_view events = frame.events.bytes();
    if (events.size() > kFrameBytesMax || !frame.removed.empty())
        return append_events(frame, format, name_space, text);
    const std::shared_ptr<const Kept> kept = find(frame, format, name_space);
    // Outside of the lock: it is the long part.
    if (kept && kept->events == events) {
        text += kept->text;
        copied_.fetch_add(1, std::memory_order_relaxed);
        return ok();
    }
    auto made = std::make_shared<Kept>(
        Kept{format, std::string(name_space), frame.position, std::string(events), ""}
    );
    ANNALS_CHECK(append_events(frame, format, name_space, made->text));
    text += made->text;
    const std::lock_guard lock(mutex_);
    kept_[std::exchange(oldest_, (oldest_ + 1) % kFramesKept)] = std::move(made);
    return ok();
}

std::shared_ptr<const FrameTexts::Kept> FrameTexts::find(
    const api::SubscriptionFrame& frame,
    json_events::EventFormat format,
    std::string_view name_space
) const {
    const std::lock_guard lock(mutex_);
    for (const auto& one : kept_) {
        if (one && one->position == frame.position && one->format == format &&
            one->events.size() == frame.events.bytes().size() && one->name_space == name_space) {
            return one;
        }
    }
    return nullptr;
}

}  // namespace annals::http_door::detail
