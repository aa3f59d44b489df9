// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// annals_crash_client SERVER JOURNAL SEED THREADS [check]
//
// Checks what the server holds against the journal, prints a line, then sends what was never
// answered again and goes on appending until the server is gone (exit 0). Exit 1: something is
// wrong, and standard error says what.

#include <atomic>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "annals/client/client.hpp"

#include "append_plan.hpp"
#include "journal.hpp"
#include "store_check.hpp"

namespace annals::crash {
namespace {

struct Arguments {
    std::string server;
    std::string journal;
    std::uint64_t seed = 0;
    std::uint32_t threads = 0;
    bool is_check_only = false;
};

class Load {
  public:
    Load(
        client::RemoteEventStore& store,
        Journal& journal,
        const JournalContent& before,
        std::uint64_t seed
    )
        : store_(store), journal_(journal), before_(before), seed_(seed) {}

    /// Until the server is gone; the first error that does not mean that.
    Status run(std::uint32_t threads) {
        std::vector<std::thread> running;
        running.reserve(threads);
        for (std::uint32_t thread = 0; thread < threads; ++thread) {
            running.emplace_back([this, thread] { append_until_gone(thread); });
        }
        for (std::thread& each : running) each.join();
        if (failure_.empty()) return ok();
        return Error(ErrorCode::kInternal, failure_);
    }

  private:
    void append_until_gone(std::uint32_t thread) {
        std::uint32_t next = 1;
        for (const auto& [name, is_sent] : before_.sent) {
            if (name.first != thread) continue;
            next = name.second + 1;
            // The last one alone can be without an answer: a thread waits for each.
            if (!before_.acknowledged.contains(name) && !append(name)) return;
        }
        while (append({thread, next})) ++next;
    }

    bool append(const AppendName& name) {
        const std::vector<PlannedEvent> plan = plan_append({seed_, name.first, name.second});
        model::AppendRequest request;
        for (const PlannedEvent& planned : plan) {
            model::NewEvent& event = request.events.emplace_back();
            event.stream = planned.stream;
            event.id = planned.id;
            event.type = planned.type;
            event.data = planned.data;
        }
        journal_.note_sent(name);
        const auto answer = store_.append_and_wait({}, request);
        if (answer) {
            journal_.note_acknowledged(name, *answer);
            return true;
        }
        const ErrorCode code = answer.error().code();
        const bool is_gone = code == ErrorCode::kUnavailable || code == ErrorCode::kShuttingDown ||
                             code == ErrorCode::kCancelled;
        if (!is_gone && !has_failed_.exchange(true)) failure_ = answer.error().to_string();
        return false;
    }

    client::RemoteEventStore& store_;
    Journal& journal_;
    const JournalContent& before_;
    std::uint64_t seed_;
    std::atomic<bool> has_failed_ = false;
    std::string failure_;
};

Status run(const Arguments& arguments) {
    ANNALS_TRY(const JournalContent before, Journal::read(arguments.journal));
    client::ClientOptions options;
    options.address = arguments.server;
    ANNALS_TRY(const auto store, client::connect(options));
    ANNALS_TRY(const CheckReport report, check_store(*store, before, arguments.seed));
    std::cout << "checked events=" << report.stored_events
              << " acknowledged=" << report.acknowledged_appends
              << " unanswered_stored=" << report.unanswered_stored
              << " unanswered_missing=" << report.unanswered_missing << std::endl;
    if (arguments.is_check_only) return ok();
    ANNALS_TRY(Journal journal, Journal::open(arguments.journal));
    return Load(*store, journal, before, arguments.seed).run(arguments.threads);
}

}  // namespace
}  // namespace annals::crash

int main(int argc, char** argv) {
    if (argc < 5) {
        std::cerr << "usage: annals_crash_client SERVER JOURNAL SEED THREADS [check]\n";
        return 2;
    }
    annals::crash::Arguments arguments;
    arguments.server = argv[1];
    arguments.journal = argv[2];
    arguments.seed = std::stoull(argv[3]);
    arguments.threads = static_cast<std::uint32_t>(std::stoul(argv[4]));
    arguments.is_check_only = argc > 5 && std::string(argv[5]) == "check";
    const annals::Status status = annals::crash::run(arguments);
    if (status) return 0;
    std::cerr << "annals_crash_client: " << status.error().to_string() << '\n';
    return 1;
}
