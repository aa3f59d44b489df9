// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/json_events/parsed_page.hpp"

#include <utility>

#include "event_reader.hpp"
#include "json_reader.hpp"
#include "removed_reader.hpp"

namespace annals::json_events {
namespace {

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
        ANNALS_TRY(page.is_end, read_boolean(value, here));
    } else if (name == "last_revision") {
        ANNALS_TRY(const std::uint64_t revision, read_number(value, here));
        page.last_revision = Revision(revision);
    } else if (name == "removed") {
        ANNALS_TRY(ondemand::array array, read_array(value, here));
        return for_each_element(
            array,
            here,
            [&](std::size_t index, ondemand::value& one) -> Status {
                ANNALS_TRY(page.removed.emplace_back(), read_removed(one, here.at(index)));
                return ok();
            }
        );
    }
    return ok();  // what later servers say beside it is not asked for
}

/// A delivery without its event is refused, so that each number stands beside its own.
Status read_delivery(
    ondemand::value& value, const Where& where, api::GroupDeliveries& all, BatchReader& events
) {
    std::uint64_t delivery = 0;
    std::uint64_t attempt = 0;
    const std::size_t before = events.batch.size();
    ANNALS_TRY(ondemand::object object, read_object(value, where));
    ANNALS_CHECK(for_each_member(
        object,
        where,
        [&](std::string_view name, ondemand::value& member) -> Status {
            const Where here = where.at(name);
            if (name == "event") return events.add(member, here);
            if (name == "delivery") {
                ANNALS_TRY(delivery, read_number(member, here));
            } else if (name == "attempt") {
                ANNALS_TRY(attempt, read_number(member, here));
            }
            return ok();
        }
    ));
    if (events.batch.size() != before + 1) {
        return not_acceptable(where.at("event"), "nothing, or several", "one event");
    }
    all.deliveries.push_back(delivery);
    all.attempts.push_back(static_cast<std::uint32_t>(attempt));
    return ok();
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

Result<api::GroupDeliveries> parse_deliveries(std::string json_object) {
    ANNALS_CHECK(Document::check(json_object));
    Document document(std::move(json_object));
    ANNALS_TRY(ondemand::value root, document.root());
    ANNALS_TRY(ondemand::object object, read_object(root, kTop));
    api::GroupDeliveries all;
    BatchReader events;
    const Where list = kTop.at("deliveries");
    ANNALS_CHECK(for_each_member(
        object,
        kTop,
        [&](std::string_view name, ondemand::value& value) -> Status {
            if (name != "deliveries") return ok();
            ANNALS_TRY(ondemand::array array, read_array(value, list));
            return for_each_element(array, list, [&](std::size_t index, ondemand::value& one) {
                return read_delivery(one, list.at(index), all, events);
            });
        }
    ));
    all.events = std::move(events.batch);
    return all;
}

Result<model::EventBatch> parse_member_event(std::string json_object) {
    ANNALS_CHECK(Document::check(json_object));
    Document document(std::move(json_object));
    ANNALS_TRY(ondemand::value root, document.root());
    ANNALS_TRY(ondemand::object object, read_object(root, kTop));
    BatchReader events;
    ANNALS_CHECK(for_each_member(object, kTop, [&](std::string_view name, ondemand::value& value) {
        return name == "event" ? events.add(value, kTop.at(name)) : ok();
    }));
    return std::move(events.batch);
}

}  // namespace annals::json_events
