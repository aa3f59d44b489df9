// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "media_types.hpp"

#include <algorithm>
#include <cstddef>
#include <tuple>
#include <vector>

#include <boost/beast/core/string.hpp>

namespace annals::http_door::detail {
namespace {

using boost::beast::iequals;

constexpr int kFullWeight = 1'000;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// What stands before the sign, which is taken away with it.
std::string_view take_until(std::string_view& text, char sign) {
    const std::size_t end = std::min(text.find(sign), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return trimmed(part);
}

/// Thousandths: "0.5", "1", and ".2" as some say; nothing where it is no weight.
std::optional<int> parse_weight(std::string_view text) {
    const std::string_view whole = take_until(text, '.');
    const bool has_whole = whole == "0" || whole == "1" || (whole.empty() && !text.empty());
    if (!has_whole || text.size() > 3) return std::nullopt;
    int weight = whole == "1" ? kFullWeight : 0;
    int unit = kFullWeight / 10;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        weight += (c - '0') * unit;
        unit /= 10;
    }
    if (weight > kFullWeight) return std::nullopt;
    return weight;
}

struct Range {
    std::string_view type;
    std::string_view subtype;
    int weight = kFullWeight;
};

/// How exactly a range names what it fits; the higher the more.
enum class Fit : std::uint8_t { kNone, kAny, kType, kExact };

Fit fit_of(const Range& range, std::string_view media_type) {
    const std::string_view type = take_until(media_type, '/');
    if (range.type == "*") return Fit::kAny;
    if (!iequals(range.type, type)) return Fit::kNone;
    if (range.subtype == "*") return Fit::kType;
    return iequals(range.subtype, media_type) ? Fit::kExact : Fit::kNone;
}

std::optional<Range> parse_range(std::string_view item) {
    std::string_view name = take_until(item, ';');
    Range range;
    range.type = take_until(name, '/');
    range.subtype = range.type == "*" && name.empty() ? "*" : trimmed(name);
    if (range.type.empty() || range.subtype.empty()) return std::nullopt;
    if (range.type == "*" && range.subtype != "*") return std::nullopt;
    while (!item.empty()) {
        std::string_view value = take_until(item, ';');
        if (!iequals(take_until(value, '='), "q")) continue;
        const std::optional<int> weight = parse_weight(trimmed(value));
        if (!weight) return std::nullopt;
        range.weight = *weight;
    }
    return range;
}

std::vector<Range> parse_accept(std::string_view accept) {
    std::vector<Range> ranges;
    while (!accept.empty()) {
        if (const auto range = parse_range(take_until(accept, ','))) ranges.push_back(*range);
    }
    return ranges;
}

/// How much an offer is wanted, and where that is said. Compared as it stands: the more the better.
struct Wish {
    int weight = 0;
    Fit fit = Fit::kNone;
    std::size_t from_last = 0;  ///< of the ranges: the first is the highest

    [[nodiscard]] bool is_less_than(const Wish& other) const {
        return std::tie(weight, fit, from_last) <
               std::tie(other.weight, other.fit, other.from_last);
    }
};

/// The range that names the offer most exactly decides.
Wish wish_for(std::string_view offer, const std::vector<Range>& ranges) {
    Wish wish;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        const Fit fit = fit_of(ranges[i], offer);
        if (fit <= wish.fit) continue;
        wish = {ranges[i].weight, fit, ranges.size() - i};
    }
    return wish;
}

}  // namespace

std::optional<std::string_view> negotiated(std::string_view accept, Offers offers) {
    const std::vector<Range> ranges = parse_accept(accept);
    if (ranges.empty()) return offers.front();
    std::optional<std::string_view> chosen;
    Wish most;
    for (const std::string_view offer : offers) {
        const Wish wish = wish_for(offer, ranges);
        if (wish.weight == 0 || !most.is_less_than(wish)) continue;
        most = wish;
        chosen = offer;
    }
    return chosen;
}

bool names_type(std::string_view accept, std::string_view media_type) {
    const Wish wish = wish_for(media_type, parse_accept(accept));
    return wish.fit == Fit::kExact && wish.weight > 0;
}

std::string accept_of(const Request& request) {
    std::string accept;
    if (request.fields == nullptr) return accept;
    request.fields->for_each([&](std::string_view name, std::string_view value) {
        if (!iequals(name, "Accept")) return;
        if (!accept.empty()) accept += ',';
        accept += value;
    });
    return accept;
}

Response not_acceptable(const Request& request, Offers offers) {
    std::string detail = "Accept asks for nothing that there is here:";
    std::string_view joint = " ";
    for (const std::string_view offer : offers) {
        detail.append(joint).append(offer);
        joint = ", ";
    }
    return problem(406, detail, request);
}

}  // namespace annals::http_door::detail
