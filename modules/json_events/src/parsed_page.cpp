// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/parsed_page.hpp"

#include <utility>

#include "event_reader.hpp"
#include "json_reader.hpp"

namespace annals::json_events {
namespace {

constexpr Where kTop;

/// Reads events into a batch, keeping its memory from one to the next.
class BatchReader {
  public:
    Status add(ondemand::value& value, const Where& where) {
        model::RecordedEvent event;
        ANNALS_CHECK(read_event(value, where, arena_, EventKind::kRecorded, event));
        envelope_.clear();
        payload_.clear();
        model::encode_envelope(envelope_, event, event.id);
        model::encode_payload(payload_, event);
        batch.add(envelope_, payload_, event.position, event.revision, event.recorded_time);
        arena_.clear();
        return ok();
    }

    Status add_all(ondemand::value& value, const Where& where) {
        ANNALS_TRY(ondemand::array array, read_array(value, where));
        return for_each_element(array, where, [&](std::size_t index, ondemand::value& event) {
            return add(event, where.at(index));
        });
    }

    model::EventBatch batch;

  private:
    Arena arena_;
    std::string envelope_;
    std::string payload_;
};

Status read_page_member(
    std::string_view name, ondemand::value& value, api::ReadPage& page, BatchReader& events
) {
    const Where here = kTop.at(name);
    if (name == "events") return events.add_all(value, here);
    if (name == "position") {
        ANNALS_TRY(page.position, read_text(value, here));
    } else if (name == "next") {
        ANNALS_TRY(page.next, read_text(value, here));
    } else if (name == "is_end") {
        if (value.get_bool().get(page.is_end) != simdjson::SUCCESS)
            return not_acceptable(here, "something else", "true or false");
    } else if (name == "last_revision") {
        ANNALS_TRY(const std::uint64_t revision, read_number(value, here));
        page.last_revision = Revision(revision);
    }
    return ok();  // what later servers say beside it is not asked for
}

}  // namespace

Result<model::EventBatch> parse_events(std::string json_array) {
    ANNALS_CHECK(Document::check(json_array));
    Document document(std::move(json_array));
    ANNALS_TRY(ondemand::value root, document.root());
    BatchReader events;
    ANNALS_CHECK(events.add_all(root, kTop.at("events")));
    return std::move(events.batch);
}

Result<model::EventBatch> parse_event(std::string json_object) {
    ANNALS_CHECK(Document::check(json_object));
    Document document(std::move(json_object));
    ANNALS_TRY(ondemand::value root, document.root());
    BatchReader events;
    ANNALS_CHECK(events.add(root, kTop));
    return std::move(events.batch);
}

Result<api::ReadPage> parse_page(std::string json_object) {
    ANNALS_CHECK(Document::check(json_object));
    Document document(std::move(json_object));
    ANNALS_TRY(ondemand::value root, document.root());
    ANNALS_TRY(ondemand::object object, read_object(root, kTop));
    api::ReadPage page;
    BatchReader events;
    ANNALS_CHECK(for_each_member(object, kTop, [&](std::string_view name, ondemand::value& value) {
        return read_page_member(name, value, page, events);
    }));
    page.events = std::move(events.batch);
    return page;
}

}  // namespace annals::json_events
