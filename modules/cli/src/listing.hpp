// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "annals/api/requests.hpp"
#include "annals/model/limits.hpp"

#include "exit_code.hpp"
#include "session.hpp"
#include "time_text.hpp"

namespace annals::cli {

/// What every listing takes.
struct ListOptions {
    std::string prefix;
    std::uint64_t limit = 1'000;
};

inline void declare_listing(CLI::App& command, ListOptions& options) {
    command.add_option("prefix", options.prefix, "names that begin so");
    command.add_option("-l,--limit", options.limit, "names at most; 0: all")->capture_default_str();
}

inline Json summary_to_json(const api::StreamSummary& summary) {
    Json json;
    json["name"] = summary.name;
    json["events"] = summary.events;
    json["last_position"] = summary.last_position.value;
    json["last_time"] = time_text(summary.last_time);
    return json;
}

inline Json summary_to_json(const api::CategorySummary& summary) {
    Json json;
    json["name"] = summary.name;
    json["streams"] = summary.streams;
    json["events"] = summary.events;
    json["last_position"] = summary.last_position.value;
    json["last_time"] = time_text(summary.last_time);
    return json;
}

/// Page after page; `ask` answers the summaries behind `request.after`.
template <typename Ask>
Result<ExitCode> show_listing(
    Session& session, const ListOptions& options, const std::vector<Column>& columns, Ask ask
) {
    ANNALS_TRY(api::EventStore * store, session.store());
    api::ListRequest request;
    request.prefix = options.prefix;
    std::vector<Json> records;
    bool has_more = true;
    while (has_more && (options.limit == 0 || records.size() < options.limit)) {
        const std::uint64_t left = options.limit == 0 ? UINT64_MAX : options.limit - records.size();
        request.limit = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(left, model::Limits::kReadEventsMax)
        );
        ANNALS_TRY(const auto page, ask(*store, request));
        for (const auto& summary : page) records.push_back(summary_to_json(summary));
        has_more = page.size() == request.limit;
        if (!page.empty()) request.after = page.back().name;
    }
    session.printer().list(columns, records);
    if (has_more && session.format() == OutputFormat::kTable) {
        session.remark("there may be more: --limit 0 lists all");
    }
    return ExitCode::kOk;
}

}  // namespace annals::cli
