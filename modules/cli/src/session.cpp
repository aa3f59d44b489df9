// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "session.hpp"

#include <limits>

#include "annals/base/clock.hpp"

#include "time_text.hpp"

namespace annals::cli {

Result<api::EventStore*> Session::store() {
    if (!store_) {
        ANNALS_TRY(store_, connector_(options));
    }
    return store_.get();
}

api::CallContext Session::context() const {
    api::CallContext context = endless_context();
    const Result<std::int64_t> timeout_ms = parse_duration_ms(options.timeout);
    context.deadline_ns = system_clock().monotonic_ns() + timeout_ms.value_or(30'000) * 1'000'000;
    return context;
}

api::CallContext Session::endless_context() const {
    api::CallContext context;
    context.name_space = options.name_space;
    return context;
}

OutputFormat Session::format() const {
    if (options.output == "json") return OutputFormat::kJson;
    if (options.output == "jsonl") return OutputFormat::kJsonLines;
    if (options.output == "yaml") return OutputFormat::kYaml;
    return OutputFormat::kTable;
}

void Session::remark(std::string_view text) {
    if (options.is_quiet) return;
    terminal_.err << text << '\n';
}

}  // namespace annals::cli
