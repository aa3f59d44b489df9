// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "selection.hpp"

#include "annals/base/clock.hpp"
#include "annals/json_events/time_text.hpp"

#include "time_text.hpp"

namespace annals::cli {

void declare_selection(CLI::App& command, Selection& selection, StreamName name) {
    constexpr const char* kGroup = "Which events";
    if (name == StreamName::kArgument) {
        command.add_option(
            "stream", selection.stream, "one stream; leave it out to use --all or a filter"
        );
    } else {
        command.add_option("--stream", selection.stream, "one stream")->group(kGroup);
    }
    command.add_flag("-a,--all", selection.is_all, "events of all streams")->group(kGroup);
    const auto many = [&](const char* name, std::vector<std::string>& values, const char* what) {
        command.add_option(name, values, what)
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
            ->group(kGroup);
    };
    many("--category", selection.filter.categories, "of this category; several: any of them");
    many("--type", selection.filter.types, "of this type; several: any of them");
    many("--tag", selection.filter.tags, "with this key:value; several: all of them");
    many("--prefix", selection.filter.stream_prefixes, "of streams that begin so; several: any");
    command.add_option("--match", selection.filter.stream_pattern, "of streams with this pattern")
        ->group(kGroup);
    command.add_option("--match-type", selection.filter.type_pattern, "of types with this pattern")
        ->group(kGroup);
    command
        .add_option(
            "--since", selection.since, "recorded then or later: a time, or 15m, 2h, 3d ago"
        )
        ->group(kGroup);
    command.add_option("--until", selection.until, "recorded before then")->group(kGroup);
    command.add_flag("--system", selection.filter.include_system, "$… streams, too")->group(kGroup);
}

Result<Selection> with_times(const Selection& selection) {
    Selection resolved = selection;
    if (!selection.since.empty()) {
        ANNALS_TRY(const TimeNs since, parse_time_flag("--since", selection.since, system_clock()));
        resolved.filter.recorded_since = json_events::time_bound(since);
    }
    if (!selection.until.empty()) {
        ANNALS_TRY(const TimeNs until, parse_time_flag("--until", selection.until, system_clock()));
        resolved.filter.recorded_until = json_events::time_bound(until);
    }
    return resolved;
}

Result<Selection> resolve(const Selection& selection) {
    ANNALS_TRY(Selection resolved, with_times(selection));
    const model::Filter& filter = resolved.filter;
    if (selection.is_one_stream() && (selection.is_all || filter.selects_streams())) {
        return Error(
            ErrorCode::kInvalidArgument,
            "a stream was named: leave out --all, --category, --prefix and --match"
        );
    }
    if (!selection.is_one_stream() && !selection.is_all && filter.is_everything()) {
        return Error(ErrorCode::kInvalidArgument, "name a stream, or say --all, or give a filter");
    }
    return resolved;
}

}  // namespace annals::cli
