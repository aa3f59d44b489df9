// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "read_streams.hpp"

#include "annals/api_wire/read_wire.hpp"

namespace annals::bench_kit {

Result<double> read_streams(BenchRun& run, double seconds) {
    Dice dice(11);
    // Whole blocks alone: streams of the last one may still miss events.
    const std::uint64_t block_events = run.streams_per_block() * kEventsPerStream;
    const std::uint64_t streams = run.loaded_events / block_events * run.streams_per_block();
    if (streams == 0)
        return Error(
            ErrorCode::kInternal,
            number_text(static_cast<double>(run.loaded_events)) +
                " events are loaded, which is less than the " +
                number_text(static_cast<double>(block_events)) + " of a block of streams"
        );
    ANNALS_TRY(
        const LoopResult result,
        run.server().loop(
            kRead,
            kInFlight,
            {.seconds = seconds},
            [&](std::size_t, std::string& request) {
                api::ReadRequest read;
                read.stream = stream_name(run.load_category(), dice.roll(streams));
                api_wire::encode_read_request(request, {}, read);
            },
            [](std::size_t, std::string_view answer) -> Status {
                if (count_message(answer).events == kEventsPerStream) return ok();
                return Error(ErrorCode::kInternal, "a stream does not hold its 20 events");
            }
        )
    );
    return result.rate();
}

}  // namespace annals::bench_kit
