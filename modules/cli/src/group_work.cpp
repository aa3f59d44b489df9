// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "group_work.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "annals/base/clock.hpp"
#include "annals/client/group_client.hpp"

#include "connect.hpp"
#include "event_json.hpp"
#include "interrupt.hpp"
#include "shell_command.hpp"
#include "time_text.hpp"

namespace annals::cli {
namespace {

constexpr std::int64_t kLookUpNs = 200'000'000;  ///< how often an idle member looks up
constexpr std::int64_t kPauseMsMin = 100;        ///< before it joins again
constexpr std::int64_t kPauseMsMax = 2'000;

struct WorkOptions {
    std::string group;
    std::string member;
    std::string command;
    std::string patience = "30s";
    std::uint32_t in_flight = 0;
    std::uint64_t limit = 0;
};

/// The command gets the event as a line of JSON on its standard input; exit code 0 acknowledges.
api::Settlement run_command(
    const std::string& command, const std::string& line, std::uint64_t delivery
) {
    api::Settlement settlement{delivery};
    settlement.reason = run_shell(command, line);
    if (!settlement.reason.empty()) settlement.what = api::Settling::kRetry;
    return settlement;
}

bool is_worth_joining_again(const Error& error) {
    return error.info().retry == "later" || error.code() == ErrorCode::kDeadlineExceeded;
}

class Work {
  public:
    Work(Session& session, const WorkOptions& options)
        : session_(session),
          options_(options),
          member_(options.member.empty() ? "cli-" + std::to_string(::getpid()) : options.member) {}

    Result<ExitCode> run() {
        ANNALS_TRY(patience_ms_, parse_duration_ms(options_.patience));
        ANNALS_TRY(const auto groups, client::connect_groups(client_options(session_.options)));
        ANNALS_TRY(Membership membership, join(*groups));
        catch_interrupts();
        while (membership != nullptr && !is_interrupted() && !is_done()) {
            Status worked = work(*membership);
            if (worked) continue;
            settled_.clear();  // what was handled and not acknowledged comes again
            ANNALS_TRY(membership, join_again(*groups, std::move(worked).take_error()));
        }
        // What was not handled is nobody's fault.
        if (membership != nullptr) (void)membership->settle({{0, api::Settling::kStop}});
        return ExitCode::kOk;
    }

  private:
    using Membership = std::unique_ptr<api::GroupMembership>;

    [[nodiscard]] bool is_done() const {
        return options_.limit > 0 && handled_ + settled_.size() >= options_.limit;
    }

    Result<Membership> join(api::ConsumerGroups& groups) {
        return groups.join(
            session_.context(), {options_.group, member_, options_.in_flight, false}
        );
    }

    /// The server went away or restarted, or the group began anew: asks with growing pauses for as
    /// long as the patience lasts. Null: it was interrupted.
    Result<Membership> join_again(api::ConsumerGroups& groups, Error error) {
        const std::int64_t give_up_ns = system_clock().monotonic_ns() + patience_ms_ * 1'000'000;
        std::int64_t pause_ms = kPauseMsMin;
        session_.remark(error.to_string());
        while (is_worth_joining_again(error) && system_clock().monotonic_ns() < give_up_ns) {
            if (!wait(pause_ms)) return Membership();
            pause_ms = std::min(pause_ms * 2, kPauseMsMax);
            Result<Membership> joined = join(groups);
            if (joined) {
                session_.remark("joined again as " + member_);
                return joined;
            }
            error = std::move(joined).take_error();
        }
        return error;
    }
    /// False: it was interrupted.
    static bool wait(std::int64_t ms) {
        const std::int64_t until_ns = system_clock().monotonic_ns() + ms * 1'000'000;
        while (!is_interrupted() && system_clock().monotonic_ns() < until_ns) {
            std::this_thread::sleep_for(std::chrono::milliseconds(std::min(ms, kPauseMsMin)));
        }
        return !is_interrupted();
    }

    /// What has come, if something comes soon.
    Status work(api::GroupMembership& membership) {
        api::GroupDeliveries deliveries;
        const std::int64_t until = system_clock().monotonic_ns() + kLookUpNs;
        ANNALS_TRY(const bool has_some, membership.next(deliveries, until));
        return has_some ? handle(membership, deliveries) : ok();
    }

    Status handle(api::GroupMembership& membership, const api::GroupDeliveries& deliveries) {
        std::size_t next = 0;
        ANNALS_CHECK(deliveries.events.for_each([&](const model::RecordedEvent& event) {
            const std::uint64_t delivery = deliveries.deliveries[next++];
            if (is_done() || is_interrupted()) return ok();
            if (options_.command.empty()) {
                session_.printer().stream_row(columns_, event_to_row(event));
                settled_.push_back({delivery});
                return ok();
            }
            const std::string line = one_line(event_to_json(event)) + '\n';
            settled_.push_back(run_command(options_.command, line, delivery));
            if (const std::string& reason = settled_.back().reason; !reason.empty()) {
                session_.remark("position " + std::to_string(event.position.value) + ": " + reason);
            }
            return settle(membership);
        }));
        return settle(membership);
    }

    Status settle(api::GroupMembership& membership) {
        if (settled_.empty()) return ok();
        ANNALS_TRY(const auto refused, membership.settle(settled_));
        handled_ += settled_.size();
        settled_.clear();
        for (const auto& one : refused) session_.remark(one.error.to_string());
        return ok();
    }

    Session& session_;
    const WorkOptions& options_;
    const std::string member_;
    std::int64_t patience_ms_ = 0;
    std::vector<Column> columns_ = event_columns(EventView::kManyStreams);
    std::vector<api::Settlement> settled_;  ///< not sent yet
    std::uint64_t handled_ = 0;
};

}  // namespace

void add_group_work(Program& program, CLI::App& group) {
    CLI::App& working = program.command(
        group,
        "work",
        "be a member: print events, or run a command for each, and acknowledge",
        "annals group work billing --run './bill.sh'"
    );
    const auto options = std::make_shared<WorkOptions>();
    working.add_option("group", options->group, "its name")->required();
    working.add_option("--member", options->member, "name of this member");
    working.add_option(
        "--run",
        options->command,
        "shell command; gets the event as a line of JSON, exit code 0 acknowledges"
    );
    working.add_option("--in-flight", options->in_flight, "deliveries at a time; 0: the group's");
    working.add_option("-l,--limit", options->limit, "events at most; 0: without end");
    working
        .add_option(
            "--patience", options->patience, "how long to join again while the server is away"
        )
        ->capture_default_str();
    program.on(working, [options](Session& session) { return Work(session, *options).run(); });
}

}  // namespace annals::cli
