// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "single_appends.hpp"

#include "annals/api_wire/append_wire.hpp"
#include "annals/codec/wire.hpp"

#include "null_service.hpp"

namespace annals::bench_kit {
namespace {

constexpr std::uint64_t kStreamsPerSlot = 100;

}  // namespace

SingleAppends::SingleAppends(BenchRun& run, Condition condition, std::size_t in_flight)
    : run_(run),
      condition_(condition),
      category_("one" + std::to_string(static_cast<int>(condition)) + run.tag),
      slots_(in_flight) {
    for (Slot& slot : slots_) slot.streams.resize(kStreamsPerSlot);
}

Result<LoopResult> SingleAppends::measure(double seconds) {
    return run_.server().loop(
        kAppend,
        slots_.size(),
        {.seconds = seconds},
        [&](std::size_t slot, std::string& request) { make(slot, request); },
        [&](std::size_t slot, std::string_view answer) { return take(slot, answer); }
    );
}

Result<LoopResult> SingleAppends::measure_null(double seconds) {
    return run_.null().loop(
        kNullCall,
        slots_.size(),
        {.seconds = seconds},
        [&](std::size_t slot, std::string& request) { make(slot, request); },
        [](std::size_t, std::string_view) { return ok(); }
    );
}

void SingleAppends::make(std::size_t index, std::string& request) {
    Slot& slot = slots_[index];
    slot.current = (slot.current + 1) % kStreamsPerSlot;
    const Stream& stream = slot.streams[slot.current];
    const std::string name = stream_name(category_, index * kStreamsPerSlot + slot.current);
    const std::string label = "account:" + name;
    model::AppendRequest append;
    append.events.push_back(run_.events.make(name));
    append.events.back().tags.push_back(label);
    if (condition_ == Condition::kExpected) {
        using model::ExpectedRevision;
        append.checks.emplace_back(model::StreamCheck{
            name,
            stream.events == 0 ? ExpectedRevision::no_stream()
                               : ExpectedRevision::exactly(Revision(stream.events - 1))
        });
    } else if (condition_ == Condition::kQuery) {
        model::QueryCheck check;
        check.query.items.push_back({{}, {label}});
        check.after = stream.position;
        append.checks.emplace_back(std::move(check));
    }
    api_wire::encode_append_request(request, {}, append);
}

Status SingleAppends::take(std::size_t index, std::string_view answer) {
    Slot& slot = slots_[index];
    Stream& stream = slot.streams[slot.current];
    ++stream.events;
    if (condition_ != Condition::kQuery) return ok();
    constexpr std::uint32_t kPositionField = 3;
    codec::FieldReader reader(answer);
    while (reader.next()) {
        if (reader.field() == kPositionField) stream.position = reader.bytes();
    }
    return ok();
}

}  // namespace annals::bench_kit
