// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "annals/base/result.hpp"
#include "annals/model/query.hpp"

namespace annals::cli {

/// Which events a command is about: one stream, or everything that a filter lets pass.
struct Selection {
    std::string stream;
    bool is_all = false;
    model::Filter filter;

    [[nodiscard]] bool is_one_stream() const { return !stream.empty(); }
};

/// How one stream is named: the first argument, or a flag where that is something else.
enum class StreamName : unsigned char { kArgument, kOption };

void declare_selection(
    CLI::App& command, Selection& selection, StreamName name = StreamName::kArgument
);

/// One stream, or --all, or a filter: exactly one of the two kinds.
Status check_selection(const Selection& selection);

}  // namespace annals::cli
