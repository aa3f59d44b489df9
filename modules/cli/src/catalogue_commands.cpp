// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "listing.hpp"
#include "program.hpp"

namespace annals::cli {
namespace {

Result<ExitCode> list_categories(Session& session, const ListOptions& options) {
    const std::vector<Column> columns{
        {"CATEGORY", "name"},
        {"STREAMS", "streams", true},
        {"EVENTS", "events", true},
        {"LAST CHANGE", "last_time"},
    };
    return show_listing(
        session,
        options,
        columns,
        [&](api::EventStore& store,
            const api::ListRequest& request) -> Result<std::vector<api::CategorySummary>> {
            ANNALS_TRY(auto page, store.list_categories(session.context(), request));
            return std::move(page.categories);
        }
    );
}

Result<ExitCode> list_types(Session& session, const ListOptions& options) {
    const std::vector<Column> columns{
        {"TYPE", "name"}, {"EVENTS", "events", true}, {"LAST CHANGE", "last_time"}
    };
    return show_listing(
        session,
        options,
        columns,
        [&](api::EventStore& store,
            const api::ListRequest& request) -> Result<std::vector<api::StreamSummary>> {
            ANNALS_TRY(auto page, store.list_types(session.context(), request));
            return std::move(page.streams);
        }
    );
}

}  // namespace

void add_catalogue_commands(Program& program) {
    CLI::App& category = program.group("category", "the first parts of stream names");
    CLI::App& categories = program.command(
        category, "list", "list categories with their streams and events", "annals category list"
    );
    auto category_options = std::make_shared<ListOptions>();
    declare_listing(categories, *category_options);
    program.on(categories, [category_options](Session& session) {
        return list_categories(session, *category_options);
    });

    CLI::App& type = program.group("type", "the types of events");
    CLI::App& types = program.command(
        type, "list", "list event types with counts", "annals type list Order"
    );
    auto type_options = std::make_shared<ListOptions>();
    declare_listing(types, *type_options);
    program.on(types, [type_options](Session& session) {
        return list_types(session, *type_options);
    });
}

}  // namespace annals::cli
