// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "group_work.hpp"

#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "annals/base/clock.hpp"
#include "annals/client/group_client.hpp"

#include "connect.hpp"
#include "event_json.hpp"
#include "interrupt.hpp"
#include "shell_command.hpp"

namespace annals::cli {
namespace {

constexpr std::int64_t kLookUpNs = 200'000'000;  ///< how often an idle member looks up

struct WorkOptions {
    std::string group;
    std::string member;
    std::string command;
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

class Work {
  public:
    Work(Session& session, const WorkOptions& options) : session_(session), options_(options) {}

    Result<ExitCode> run() {
        ANNALS_TRY(const auto groups, client::connect_groups(client_options(session_.options)));
        const std::string member = options_.member.empty() ? "cli-" + std::to_string(::getpid())
                                                           : options_.member;
        ANNALS_TRY(
            const auto membership,
            groups->join(session_.context(), {options_.group, member, options_.in_flight, false})
        );
        catch_interrupts();
        while (!is_interrupted() && !is_done()) {
            api::GroupDeliveries deliveries;
            const std::int64_t until = system_clock().monotonic_ns() + kLookUpNs;
            ANNALS_TRY(const bool has_some, membership->next(deliveries, until));
            if (has_some) ANNALS_CHECK(handle(*membership, deliveries));
        }
        // What was not handled is nobody's fault.
        (void)membership->settle({{0, api::Settling::kStop}});
        return ExitCode::kOk;
    }

  private:
    [[nodiscard]] bool is_done() const { return options_.limit > 0 && handled_ >= options_.limit; }

    Status handle(api::GroupMembership& membership, const api::GroupDeliveries& deliveries) {
        std::size_t next = 0;
        std::vector<api::Settlement> settled;
        ANNALS_CHECK(deliveries.events.for_each([&](const model::RecordedEvent& event) {
            const std::uint64_t delivery = deliveries.deliveries[next++];
            if (is_done() || is_interrupted()) return ok();
            ++handled_;
            if (options_.command.empty()) {
                session_.printer().stream_row(columns_, event_to_row(event));
                settled.push_back({delivery});
                return ok();
            }
            const std::string line = one_line(event_to_json(event)) + '\n';
            settled.push_back(run_command(options_.command, line, delivery));
            if (const std::string& reason = settled.back().reason; !reason.empty()) {
                session_.remark("position " + std::to_string(event.position.value) + ": " + reason);
            }
            return settle(membership, settled);
        }));
        return settle(membership, settled);
    }

    Status settle(api::GroupMembership& membership, std::vector<api::Settlement>& settled) {
        if (settled.empty()) return ok();
        ANNALS_TRY(const auto refused, membership.settle(settled));
        settled.clear();
        for (const auto& one : refused) session_.remark(one.error.to_string());
        return ok();
    }

    Session& session_;
    const WorkOptions& options_;
    std::vector<Column> columns_ = event_columns(EventView::kManyStreams);
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
    program.on(working, [options](Session& session) { return Work(session, *options).run(); });
}

}  // namespace annals::cli
