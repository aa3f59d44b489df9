// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "selection.hpp"

namespace annals::cli {

void declare_selection(CLI::App& command, Selection& selection, StreamName name) {
    constexpr const char* group = "Which events";
    if (name == StreamName::kArgument) {
        command.add_option(
            "stream", selection.stream, "one stream; leave it out to use --all or a filter"
        );
    } else {
        command.add_option("--stream", selection.stream, "one stream")->group(group);
    }
    command.add_flag("-a,--all", selection.is_all, "events of all streams")->group(group);
    const auto many = [&](const char* name, std::vector<std::string>& values, const char* what) {
        command.add_option(name, values, what)
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
            ->group(group);
    };
    many("--category", selection.filter.categories, "of this category; several: any of them");
    many("--type", selection.filter.types, "of this type; several: any of them");
    many("--tag", selection.filter.tags, "with this key:value; several: all of them");
    many("--prefix", selection.filter.stream_prefixes, "of streams that begin so; several: any");
    command.add_option("--match", selection.filter.stream_pattern, "of streams with this pattern")
        ->group(group);
    command.add_option("--match-type", selection.filter.type_pattern, "of types with this pattern")
        ->group(group);
    command.add_flag("--system", selection.filter.include_system, "$… streams, too")->group(group);
}

Status check_selection(const Selection& selection) {
    const bool has_filter = !selection.filter.is_everything();
    if (selection.is_one_stream() && (selection.is_all || has_filter)) {
        return Error(
            ErrorCode::kInvalidArgument, "a stream is read whole: leave out --all and the filters"
        );
    }
    if (!selection.is_one_stream() && !selection.is_all && !has_filter) {
        return Error(ErrorCode::kInvalidArgument, "name a stream, or say --all, or give a filter");
    }
    return ok();
}

}  // namespace annals::cli
