// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "annals/model/limits.hpp"

#include "program.hpp"
#include "session.hpp"

namespace annals::cli {

/// What `group history` and `consumer history` take.
struct HistoryOptions {
    std::string name;
    std::uint64_t limit = 100;
    bool is_everything = false;
};

inline std::shared_ptr<HistoryOptions> declare_history(
    CLI::App& command, const char* noun, const char* everything
) {
    auto options = std::make_shared<HistoryOptions>();
    command.add_option(noun, options->name, "its name")->required();
    command.add_option("-l,--limit", options->limit, "entries at most; 0: all")
        ->capture_default_str();
    command.add_flag("--everything", options->is_everything, everything);
    return options;
}

struct HistoryPage {
    std::string after;
    std::uint32_t limit = 0;
};

/// Lists page by page what `read(HistoryPage)` gives until the limit.
template <typename Read, typename Show>
Result<ExitCode> show_history(
    Session& session,
    const HistoryOptions& options,
    Read read,
    Show show,
    const std::vector<Column>& columns
) {
    std::vector<Json> records;
    HistoryPage wanted;
    do {
        const std::uint64_t left = options.limit == 0 ? model::Limits::kReadEventsMax
                                                      : options.limit - records.size();
        wanted.limit = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(left, model::Limits::kReadEventsMax)
        );
        ANNALS_TRY(const auto page, read(wanted));
        for (const auto& entry : page.entries) records.push_back(show(entry));
        wanted.after = page.next;
    } while (!wanted.after.empty() && (options.limit == 0 || records.size() < options.limit));
    session.printer().list(columns, records);
    if (!wanted.after.empty() && session.printer().is_table()) {
        session.remark("there may be more: --limit 0 lists all");
    }
    return ExitCode::kOk;
}

}  // namespace annals::cli
