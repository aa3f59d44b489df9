// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "armed_waiters.hpp"

#include <algorithm>

#include "annals/codec/wire.hpp"
#include "annals/model/names.hpp"
#include "annals/model/stream_life.hpp"

namespace annals::subscriptions {
namespace {

constexpr auto kTypeField = static_cast<std::uint32_t>(model::EventField::kType);
constexpr auto kTagField = static_cast<std::uint32_t>(model::EventField::kTag);

bool is_concerned(const Waiter& waiter, Position position, std::string_view envelope) {
    return position > waiter.position &&
           (waiter.filter == nullptr || waiter.filter->matches(envelope));
}

}  // namespace

template <typename Visit>
void ArmedWaiters::for_each_place(const Waiter& waiter, const Visit& visit) {
    if (waiter.filter == nullptr) return visit(by_stream_, waiter.stream);
    const model::Filter& filter = waiter.filter->filter();
    if (!filter.categories.empty()) {
        for (const std::string& category : filter.categories) visit(by_category_, category);
    } else if (!filter.types.empty()) {
        for (const std::string& type : filter.types) visit(by_type_, type);
    } else if (!filter.tags.empty()) {
        visit(by_tag_, filter.tags.front());
    }
}

void ArmedWaiters::add(Waiter& waiter) {
    bool has_place = false;
    for_each_place(waiter, [&](ByName& names, std::string_view name) {
        has_place = true;
        auto found = names.find(name);
        if (found == names.end()) found = names.emplace(std::string(name), Waiters()).first;
        found->second.insert(&waiter);
    });
    if (!has_place) others_.insert(&waiter);
    waiter.by_position = by_position_.emplace(waiter.due_position.value, &waiter);
    waiter.by_time = by_time_.emplace(waiter.due_ns, &waiter);
}

void ArmedWaiters::remove(Waiter& waiter) {
    for_each_place(waiter, [&](ByName& names, std::string_view name) {
        const auto found = names.find(name);
        if (found == names.end()) return;
        found->second.erase(&waiter);
        if (found->second.empty()) names.erase(found);
    });
    others_.erase(&waiter);
    by_position_.erase(waiter.by_position);
    by_time_.erase(waiter.by_time);
}

void ArmedWaiters::set_due(Waiter& waiter, std::int64_t due_ns) {
    by_time_.erase(waiter.by_time);
    waiter.due_ns = due_ns;
    waiter.by_time = by_time_.emplace(due_ns, &waiter);
}

void ArmedWaiters::find(
    const ByName& names,
    std::string_view name,
    Position position,
    std::string_view envelope,
    std::vector<Waiter*>& out
) {
    const auto found = names.find(name);
    if (found == names.end()) return;
    for (Waiter* waiter : found->second) {
        if (is_concerned(*waiter, position, envelope)) out.push_back(waiter);
    }
}

void ArmedWaiters::concerned(
    Position position, std::string_view envelope, std::vector<Waiter*>& out
) const {
    const std::string_view stream = streams::stream_of(envelope);
    if (!by_stream_.empty()) {
        find(by_stream_, stream, position, envelope, out);
        // What is said about a stream concerns its readers: it may be its end.
        const std::string_view subject = model::subject_of(stream);
        if (!subject.empty()) find(by_stream_, subject, position, envelope, out);
    }
    if (!by_category_.empty())
        find(by_category_, model::category_of(stream), position, envelope, out);
    if (!by_type_.empty() || !by_tag_.empty()) {
        codec::FieldReader reader(envelope);
        while (reader.next() && reader.field() <= kTagField) {
            if (reader.field() == kTypeField)
                find(by_type_, reader.bytes(), position, envelope, out);
            // Tags of an event differ, so nobody is found twice.
            if (reader.field() == kTagField) find(by_tag_, reader.bytes(), position, envelope, out);
        }
    }
    for (Waiter* waiter : others_) {
        if (is_concerned(*waiter, position, envelope)) out.push_back(waiter);
    }
}

void ArmedWaiters::due_at(Position position, std::vector<Waiter*>& out) const {
    for (auto at = by_position_.begin(); at != by_position_.end() && at->first <= position.value;
         ++at) {
        out.push_back(at->second);
    }
}

void ArmedWaiters::due_by(std::int64_t now_ns, std::vector<Waiter*>& out) const {
    for (auto at = by_time_.begin(); at != by_time_.end() && at->first <= now_ns; ++at)
        out.push_back(at->second);
}

void ArmedWaiters::all(std::vector<Waiter*>& out) const {
    for (const auto& [position, waiter] : by_position_) out.push_back(waiter);
}

}  // namespace annals::subscriptions
