// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "annals/api/consumer_store.hpp"
#include "annals/client/consumer_client.hpp"
#include "annals/model/limits.hpp"
#include "annals/model/refusals.hpp"
#include "annals/model/token.hpp"

#include "confirmation.hpp"
#include "connect.hpp"
#include "group_dry_run.hpp"
#include "history_listing.hpp"
#include "program.hpp"
#include "time_text.hpp"

namespace annals::cli {
namespace {

struct ListConsumerOptions {
    std::string prefix;
    std::uint64_t limit = 1'000;
};

struct ConsumerOptions {
    std::string consumer;
    std::string position;
    std::uint64_t epoch = 0;
    std::string owner;
    std::string reason;
    std::string actor;
    bool is_confirmed = false;
    bool is_dry_run = false;
};

using Consumers = std::unique_ptr<api::ConsumerStore>;

Result<Consumers> connect(Session& session) {
    return client::connect_consumers(client_options(session.options));
}

Json consumer_to_json(const api::ConsumerProgress& progress) {
    Json json;
    json["consumer"] = progress.consumer;
    const bool has_position = !progress.position.empty();
    json["position"] = has_position ? Json(progress.at.value) : Json(nullptr);
    json["behind"] = progress.behind ? Json(*progress.behind) : Json(nullptr);
    json["epoch"] = progress.epoch;
    json["owner"] = progress.owner;
    json["last_seen"] = progress.last_seen_time.value == 0
                            ? Json(nullptr)
                            : Json(time_text(progress.last_seen_time));
    json["changed"] = time_text(progress.changed_time);
    json["token"] = progress.position;
    if (!progress.problem.empty()) json["problem"] = progress.problem;
    if (!progress.offset.empty()) json["offset"] = progress.offset;
    if (!progress.foreign_id.empty()) json["foreign_id"] = progress.foreign_id;
    if (!progress.is_durable) json["is_durable"] = false;
    return json;
}

Result<ExitCode> show(Session& session, const Result<api::ConsumerProgress>& progress) {
    if (!progress) return progress.error();
    session.printer().object(consumer_to_json(*progress));
    if (!progress->problem.empty()) {
        session.remark("the stored position is not of this log's history: rewind the consumer");
    }
    return ExitCode::kOk;
}

Result<ExitCode> list(Session& session, const ListConsumerOptions& options) {
    ANNALS_TRY(const Consumers store, connect(session));
    api::ListConsumersRequest request;
    request.prefix = options.prefix;
    std::vector<Json> records;
    bool has_more = true;
    while (has_more && (options.limit == 0 || records.size() < options.limit)) {
        const std::uint64_t left = options.limit == 0 ? UINT64_MAX : options.limit - records.size();
        request.limit = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(left, model::Limits::kReadEventsMax)
        );
        ANNALS_TRY(const api::ConsumerList page, store->list(session.context(), request));
        for (const api::ConsumerProgress& one : page.consumers) {
            records.push_back(consumer_to_json(one));
        }
        has_more = !page.next.empty();
        request.after = page.next;
    }
    session.printer().list(
        {{"CONSUMER", "consumer"},
         {"POSITION", "position", true},
         {"BEHIND", "behind", true},
         {"EPOCH", "epoch", true},
         {"OWNER", "owner"},
         {"LAST SEEN", "last_seen"}},
        records
    );
    if (has_more && session.printer().is_table()) {
        session.remark("there may be more: --limit 0 lists all");
    }
    return ExitCode::kOk;
}

Result<ExitCode> get(Session& session, const ConsumerOptions& options) {
    ANNALS_TRY(const Consumers store, connect(session));
    return show(session, store->get(session.context(), options.consumer));
}

Result<ExitCode> claim(Session& session, const ConsumerOptions& options) {
    ANNALS_TRY(const Consumers store, connect(session));
    return show(
        session, store->claim(session.context(), {options.consumer, options.owner, options.actor})
    );
}

Result<ExitCode> save(Session& session, const ConsumerOptions& options) {
    ANNALS_TRY(const Consumers store, connect(session));
    const api::SaveProgressRequest request{
        options.consumer, options.position, options.epoch, options.actor
    };
    return show(session, store->save_and_wait(session.context(), request));
}

Json entry_to_json(const api::ConsumerHistoryEntry& entry) {
    Json json;
    json["time"] = time_text(entry.time);
    json["deed"] = api::to_string(entry.deed);
    json["actor"] = entry.actor;
    json["reason"] = entry.reason;
    json["position"] = entry.position.empty() ? Json(nullptr) : Json(entry.at.value);
    json["epoch"] = entry.epoch;
    json["owner"] = entry.owner;
    json["token"] = entry.position;
    if (!entry.offset.empty()) json["offset"] = entry.offset;
    return json;
}

Result<ExitCode> history(Session& session, const HistoryOptions& options) {
    ANNALS_TRY(const Consumers store, connect(session));
    return show_history(
        session,
        options,
        [&](const HistoryPage& page) {
            return store->history(
                session.context(), {options.name, page.after, page.limit, options.is_everything}
            );
        },
        entry_to_json,
        {{"TIME", "time"},
         {"DEED", "deed"},
         {"ACTOR", "actor"},
         {"POSITION", "position", true},
         {"EPOCH", "epoch", true},
         {"OWNER", "owner"},
         {"REASON", "reason"}}
    );
}

/// A plain number, or a token.
Result<std::variant<std::string, Position>> place_of(const std::string& text) {
    using Place = std::variant<std::string, Position>;
    std::uint64_t number = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    if (!text.empty() && error == std::errc() && end == last) return Place(Position(number));
    if (model::parse_token(text)) return Place(text);
    return model::refused(
        "--to", text, "it is a position (0: the start) or the token of an answer"
    );
}

/// Where a rewind would lead; what the server would refuse is refused.
Result<Position> position_of(Session& session, const std::string& text) {
    ANNALS_TRY(const auto place, place_of(text));
    ANNALS_TRY(const auto events, connect_to_server(session.options));
    if (const auto* token = std::get_if<std::string>(&place)) {
        return position_before(session, *events, api::AfterToken{*token}, "--to");
    }
    return position_reached(session, *events, std::get<Position>(place), "--to");
}

Result<ExitCode> rewind(Session& session, const ConsumerOptions& options) {
    ANNALS_TRY(const Consumers store, connect(session));
    if (options.is_dry_run) {
        ANNALS_TRY(
            const api::ConsumerProgress now, store->get(session.context(), options.consumer)
        );
        ANNALS_TRY(const Position to, position_of(session, options.position));
        const bool is_back = to <= now.at;
        const std::uint64_t events = is_back ? now.at.value - to.value : to.value - now.at.value;
        session.terminal().out << "would move consumer " << cell_text(now.consumer) << " from "
                               << now.at.value << " to " << to.value << " and end its epoch "
                               << now.epoch << "; " << events << " positions of the log "
                               << (is_back ? "would come again" : "would be passed over") << '\n';
        return ExitCode::kOk;
    }
    ANNALS_TRY(auto place, place_of(options.position));
    const api::RewindConsumerRequest request{
        options.consumer, std::move(place), options.reason, options.actor
    };
    return show(session, store->rewind(session.context(), request));
}

Result<ExitCode> remove(Session& session, const ConsumerOptions& options) {
    ANNALS_TRY(const Consumers store, connect(session));
    ANNALS_TRY(const api::ConsumerProgress now, store->get(session.context(), options.consumer));
    if (options.is_dry_run) {
        session.terminal().out << "would delete consumer " << cell_text(now.consumer)
                               << ", which is at " << now.at.value << '\n';
        return ExitCode::kOk;
    }
    ANNALS_CHECK(confirm(
        session,
        {"forgets how far consumer " + cell_text(options.consumer) + " has come, for good",
         options.consumer,
         options.is_confirmed}
    ));
    ANNALS_CHECK(store->remove(session.context(), {options.consumer, options.reason, options.actor})
    );
    session.remark("deleted consumer " + cell_text(options.consumer));
    return ExitCode::kOk;
}

std::shared_ptr<ConsumerOptions> declare_consumer(CLI::App& command) {
    auto options = std::make_shared<ConsumerOptions>();
    command.add_option("consumer", options->consumer, "its name")->required();
    return options;
}

void add_reading(Program& program, CLI::App& group) {
    CLI::App& listing = program.command(
        group, "list", "list consumers and how far each is behind", "annals consumer list"
    );
    auto listed = std::make_shared<ListConsumerOptions>();
    listing.add_option("prefix", listed->prefix, "names that begin so");
    listing.add_option("-l,--limit", listed->limit, "consumers at most; 0: all")
        ->capture_default_str();
    program.on(listing, [listed](Session& session) { return list(session, *listed); });

    CLI::App& getting = program.command(
        group, "get", "show how far a consumer has come", "annals consumer get billing"
    );
    const auto got = declare_consumer(getting);
    program.on(getting, [got](Session& session) { return get(session, *got); });

    CLI::App& telling = program.command(
        group,
        "history",
        "who rewound, claimed or deleted a consumer, when and why, newest first",
        "annals consumer history billing"
    );
    const auto told = declare_history(telling, "consumer", "also saves");
    program.on(telling, [told](Session& session) { return history(session, *told); });
}

void add_instance(Program& program, CLI::App& group) {
    CLI::App& claiming = program.command(
        group,
        "claim",
        "take a consumer: a new epoch, the instance before is fenced",
        "annals consumer claim billing --owner host-1"
    );
    const auto claimed = declare_consumer(claiming);
    claiming.add_option("--owner", claimed->owner, "who takes it")->required();
    claiming.add_option("--actor", claimed->actor, "who does it; kept");
    program.on(claiming, [claimed](Session& session) { return claim(session, *claimed); });

    CLI::App& saving = program.command(
        group,
        "save",
        "keep the position of the last event that was handled; never goes back",
        "annals consumer save billing AQ… --epoch 3"
    );
    const auto saved = declare_consumer(saving);
    saving.add_option("position", saved->position, "its token")->required();
    saving.add_option("--epoch", saved->epoch, "as claim or get says");
    saving.add_option("--actor", saved->actor, "who; kept");
    program.on(saving, [saved](Session& session) { return save(session, *saved); });
}

void add_operating(Program& program, CLI::App& group) {
    CLI::App& rewinding = program.command(
        group,
        "rewind",
        "set the position, back or forth, and fence the running instance",
        "annals consumer rewind billing --to 0 --reason 'totals were wrong'"
    );
    const auto rewound = declare_consumer(rewinding);
    rewinding.add_option("--to", rewound->position, "a position (0: the start) or a token")
        ->required();
    rewinding.add_option("--reason", rewound->reason, "why; kept")->required();
    rewinding.add_option("--actor", rewound->actor, "who");
    rewinding.add_flag("--dry-run", rewound->is_dry_run, "say what would change, change nothing");
    program.on(rewinding, [rewound](Session& session) { return rewind(session, *rewound); });

    CLI::App& deleting = program.command(
        group, "delete", "forget a consumer", "annals consumer delete billing --dry-run"
    );
    const auto deleted = declare_consumer(deleting);
    deleting.add_option("--reason", deleted->reason, "why; kept");
    deleting.add_option("--actor", deleted->actor, "who");
    deleting.add_flag("--yes", deleted->is_confirmed, "do not ask");
    deleting.add_flag("--dry-run", deleted->is_dry_run, "say what would go, delete nothing");
    program.on(deleting, [deleted](Session& session) { return remove(session, *deleted); });
}

}  // namespace

void add_consumer_commands(Program& program) {
    CLI::App& group = program.group("consumer", "how far named readers have come");
    add_reading(program, group);
    add_instance(program, group);
    add_operating(program, group);
}

}  // namespace annals::cli
