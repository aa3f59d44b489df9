// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "bench_run.hpp"

#include <algorithm>
#include <filesystem>
#include <ostream>

#include "annals/api_wire/append_wire.hpp"
#include "annals/base/clock.hpp"
#include "annals/codec/wire.hpp"

#include "stopwatch.hpp"

namespace annals::bench_kit {
namespace {

constexpr double kConnectSecondsMax = 30;
constexpr std::uint64_t kLoadBatchEvents = 1'000;
constexpr std::size_t kLoadInFlight = 16;

}  // namespace

BenchRun::BenchRun(const BenchOptions& bench_options, std::ostream& out, std::ostream& remarks)
    : options(bench_options),
      tag(std::to_string(system_clock().now().value / 1'000'000'000 % 1'000'000)),
      out_(out),
      remarks_(remarks) {}

Status BenchRun::start_servers() {
    namespace fs = std::filesystem;
    std::error_code error;
    fs::path top = options.work_directory;
    if (top.empty()) top = options.results_directory;
    if (top.empty()) top = fs::temp_directory_path(error);
    const fs::path folder = top / (".annals-bench-" + tag);
    fs::create_directories(folder, error);
    if (error) return Error(ErrorCode::kIoError, folder.string() + " cannot be made");
    work_directory = folder.string();
    data_directory_ = (folder / "data").string();

    ANNALS_TRY(
        null_server_,
        Child::start({options.program, "bench", "--null-server"}, Child::Listen::kStandardOutput)
    );
    ANNALS_TRY(const std::string line, null_server_->wait_for_line("on port ", kConnectSecondsMax));
    const std::string null_address = "127.0.0.1:" + line.substr(line.rfind(' ') + 1);
    null_client_ = std::make_unique<RpcClient>(null_address);
    ANNALS_CHECK(null_client_->connect(kConnectSecondsMax));
    if (!has_own_server()) return connect(options.server);
    ANNALS_TRY(server_, ServerChild::start({options.program, data_directory_}));
    return connect(server_->address());
}

Status BenchRun::connect(const std::string& address) {
    client_ = std::make_unique<RpcClient>(address);
    return client_->connect(kConnectSecondsMax);
}

Result<double> BenchRun::restart(bool is_kill) {
    client_.reset();
    if (is_kill) {
        server_->kill();
    } else {
        server_->stop();
    }
    ANNALS_TRY(server_, ServerChild::start({options.program, data_directory_}));
    ANNALS_CHECK(connect(server_->address()));
    return server_->seconds_to_ready();
}

Result<double> BenchRun::idle_memory_mib() {
    ANNALS_TRY(ServerChild idle, ServerChild::start({options.program, work_directory + "/idle"}));
    ANNALS_TRY(const double mib, idle.memory_mib());
    idle.stop();
    return mib;
}

bool BenchRun::is_wanted(const std::string& figure) const {
    return options.figures.empty() ||
           std::ranges::find(options.figures, figure) != options.figures.end();
}

void BenchRun::add(const Figure& figure) {
    out_ << figure.json_line() << std::endl;
    figures.push_back(figure);
}

void BenchRun::remark(const std::string& text) { remarks_ << text << std::endl; }

Status BenchRun::load(std::uint64_t events_wanted) {
    if (loaded_events >= events_wanted) return ok();
    remark("loading up to " + number_text(static_cast<double>(events_wanted)) + " events");
    const Stopwatch watch;
    const std::uint64_t first = loaded_events;
    const std::uint64_t batches = (events_wanted - first + kLoadBatchEvents - 1) / kLoadBatchEvents;
    std::uint64_t next = first;
    ANNALS_CHECK(client_->loop(
        kAppend,
        kLoadInFlight,
        {.calls = batches},
        [&](std::size_t, std::string& request) {
            // Each event is encoded before the next is made: its data lies in the maker.
            model::AppendRequest one;
            for (std::uint64_t count = 0; count < kLoadBatchEvents; ++count, ++next) {
                const std::string name = stream_name(
                    load_category(), stream_of(next, streams_per_block())
                );
                one.events.assign(1, events.make(name));
                api_wire::encode_append_request(request, {}, one);
            }
        },
        [](std::size_t, std::string_view) { return ok(); }
    ));
    loaded_events = next;
    const double rate = static_cast<double>(next - first) / watch.seconds();
    remark("loaded at " + number_text(rate) + " events/s");
    return ok();
}

MessageCount count_message(std::string_view message) {
    constexpr std::uint32_t kEventsField = 1;
    constexpr std::uint32_t kMarkField = 3;
    constexpr std::uint64_t kCaughtUp = 1;
    MessageCount count;
    codec::FieldReader reader(message);
    while (reader.next()) {
        if (reader.field() == kEventsField) ++count.events;
        if (reader.field() == kMarkField && reader.number() == kCaughtUp) count.is_caught_up = true;
    }
    return count;
}

}  // namespace annals::bench_kit
