// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// The lists of StreamReader: names in byte order, those of the server left out.
#include <string>

#include "annals/model/names.hpp"
#include "annals/streams/requests.hpp"
#include "annals/streams/stream_reader.hpp"

namespace annals::streams {
namespace {

constexpr std::uint32_t kUsualLimit = 100;
/// Behind every name that begins with `$`: no name has this byte.
constexpr std::string_view kAfterSystemNames = "$\xFF";

/// Fills `out` up to the limit from `ask(after, limit)`, which gives rising names, without the
/// system's names unless the prefix asks for them.
template <typename Summary, typename Ask>
Status collect(
    const api::ListRequest& request, std::uint32_t limit, std::vector<Summary>& out, const Ask& ask
) {
    const bool is_with_system = model::is_system_name(request.prefix);
    std::string after = request.after;
    while (out.size() < limit) {
        const std::size_t wanted = limit - out.size();
        ANNALS_TRY(auto found, ask(std::string_view(after), wanted));
        const bool is_last = found.size() < wanted;
        if (!found.empty()) after = found.back().name;
        bool has_skipped = false;
        for (auto& summary : found) {
            if (!is_with_system && model::is_system_name(summary.name)) {
                has_skipped = true;
                continue;
            }
            out.push_back(std::move(summary));
        }
        if (is_last) break;
        if (has_skipped && after < kAfterSystemNames) after = kAfterSystemNames;
    }
    return ok();
}

Status check_list(const api::ListRequest& request) {
    if (!request.prefix.empty()) ANNALS_CHECK(model::check_stream_name(request.prefix, "prefix"));
    if (!request.after.empty()) ANNALS_CHECK(model::check_stream_name(request.after, "after"));
    return ok();
}

api::StreamSummary summary_of(index::StreamSummary&& found) {
    return {std::move(found.name), found.events, found.last_position, found.last_time};
}

}  // namespace

Result<api::StreamList> StreamReader::list_streams(const api::ListRequest& request) {
    ANNALS_CHECK(check_list(request));
    ANNALS_TRY(const std::uint32_t limit, events_limit(request.limit, kUsualLimit, "limit"));
    api::StreamList list;
    ANNALS_TRY(list.position, tokens_.at(orderer_.visible_end().get()));
    const auto ask = [&](std::string_view after, std::size_t wanted) {
        return orderer_.index().list_streams(request.prefix, after, wanted);
    };
    std::vector<index::StreamSummary> found;
    ANNALS_CHECK(collect(request, limit, found, ask));
    for (index::StreamSummary& summary : found)
        list.streams.push_back(summary_of(std::move(summary)));
    return list;
}

Result<api::CategoryList> StreamReader::list_categories(const api::ListRequest& request) {
    ANNALS_CHECK(check_list(request));
    ANNALS_TRY(const std::uint32_t limit, events_limit(request.limit, kUsualLimit, "limit"));
    api::CategoryList list;
    ANNALS_TRY(list.position, tokens_.at(orderer_.visible_end().get()));
    const auto ask = [&](std::string_view after, std::size_t wanted) {
        return orderer_.index().list_categories(request.prefix, after, wanted);
    };
    std::vector<index::CategorySummary> found;
    ANNALS_CHECK(collect(request, limit, found, ask));
    for (index::CategorySummary& summary : found) {
        list.categories.push_back(
            {std::move(summary.name),
             summary.streams,
             summary.events,
             summary.last_position,
             summary.last_time}
        );
    }
    return list;
}

Result<api::StreamList> StreamReader::list_types(const api::ListRequest& request) {
    ANNALS_CHECK(check_list(request));
    ANNALS_TRY(const std::uint32_t limit, events_limit(request.limit, kUsualLimit, "limit"));
    api::StreamList list;
    ANNALS_TRY(list.position, tokens_.at(orderer_.visible_end().get()));
    ANNALS_TRY(
        std::vector<index::StreamSummary> found,
        orderer_.index().list_types(request.prefix, request.after, limit)
    );
    for (index::StreamSummary& summary : found)
        list.streams.push_back(summary_of(std::move(summary)));
    return list;
}

}  // namespace annals::streams
