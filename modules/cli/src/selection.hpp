// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "annals/base/result.hpp"
#include "annals/model/query.hpp"

namespace annals::cli {

/// Which events a command is about: of one stream or of all, those that a filter lets pass.
struct Selection {
    std::string stream;
    bool is_all = false;
    model::Filter filter;
    std::string since;  ///< as they were said: resolve() puts them into the filter
    std::string until;

    [[nodiscard]] bool is_one_stream() const { return !stream.empty(); }
};

/// How one stream is named: the first argument, or a flag where that is something else.
enum class StreamName : unsigned char { kArgument, kOption };

void declare_selection(
    CLI::App& command, Selection& selection, StreamName name = StreamName::kArgument
);

/// With its times in the filter: `2h` is two hours before now. invalid_argument.
Result<Selection> with_times(const Selection& selection);
/// The same, of a command that must be told: a stream (with a filter that does not say which
/// streams, if any), or --all, or a filter.
Result<Selection> resolve(const Selection& selection);

}  // namespace annals::cli
