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
/// system's names unless the prefix asks for them, and without those that `show` refuses.
template <typename Summary, typename Ask, typename Show>
Status collect(
    const api::ListRequest& request,
    std::uint32_t limit,
    std::vector<Summary>& out,
    const Ask& ask,
    const Show& show
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
            ANNALS_TRY(const bool is_shown, show(summary));
            if (is_shown) out.push_back(std::move(summary));
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
    const Position visible = orderer_.visible_end().get();
    ANNALS_TRY(list.position, tokens_.at(visible));
    const auto ask = [&](std::string_view after, std::size_t wanted) {
        return orderer_.index().list_streams(request.prefix, after, wanted);
    };
    // A deleted stream is no stream; of a truncated one the events that are shown count.
    const auto show = [&](index::StreamSummary& stream) -> Result<bool> {
        ANNALS_TRY(const Retention retention, lives_.of(stream.name, visible));
        if (retention.shows_all()) return true;
        if (retention.is_tombstoned()) return false;
        ANNALS_TRY(const auto head, orderer_.index().head(stream.name));
        if (!head) return true;
        if (retention.is_deleted(head->last.value + 1)) return false;
        ANNALS_TRY(
            const Revision first,
            first_shown(orderer_, stream.name, *head, retention, orderer_.now())
        );
        stream.events = head->last.value + 1 - first.value;
        return true;
    };
    std::vector<index::StreamSummary> found;
    ANNALS_CHECK(collect(request, limit, found, ask, show));
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
    const auto show_all = [](const index::CategorySummary&) -> Result<bool> { return true; };
    std::vector<index::CategorySummary> found;
    ANNALS_CHECK(collect(request, limit, found, ask, show_all));
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
