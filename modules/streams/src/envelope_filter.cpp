// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/streams/envelope_filter.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "annals/codec/wire.hpp"
#include "annals/model/names.hpp"

namespace annals::streams {
namespace {

constexpr auto kStreamField = static_cast<std::uint32_t>(model::EventField::kStream);
constexpr auto kTypeField = static_cast<std::uint32_t>(model::EventField::kType);
constexpr auto kTagField = static_cast<std::uint32_t>(model::EventField::kTag);

bool is_any_of(const std::vector<std::string>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// A bit for each of the filter's tags that is this one.
std::uint64_t bits_of(const std::vector<std::string>& tags, std::string_view tag) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < tags.size(); ++i) {
        if (tags[i] == tag) bits |= std::uint64_t{1} << i;
    }
    return bits;
}

}  // namespace

std::string_view stream_of(std::string_view envelope) {
    // Field 1 of type bytes, nearly always with a length of one byte.
    constexpr char kTag = (kStreamField << 3u) |
                          static_cast<std::uint32_t>(codec::WireType::kBytes);
    if (envelope.size() < 2 || envelope.front() != kTag) return {};
    const auto size = static_cast<std::uint8_t>(envelope[1]);
    if (size < 0x80u) [[likely]]
        return envelope.size() - 2 >= size ? envelope.substr(2, size) : std::string_view();
    codec::FieldReader reader(envelope);
    return reader.next() ? reader.bytes() : std::string_view();
}

EnvelopeFilter::EnvelopeFilter(model::Filter filter) : filter_(std::move(filter)) {
    if (!filter_.stream_pattern.empty()) {
        stream_pattern_ = patterns::Pattern::compile(
            filter_.stream_pattern, "filter.stream_pattern"
        );
    }
    if (!filter_.type_pattern.empty())
        type_pattern_ = patterns::Pattern::compile(filter_.type_pattern, "filter.type_pattern");
}

bool EnvelopeFilter::matches(std::string_view envelope, std::optional<Error>* error) const {
    if (!matches_stream(stream_of(envelope))) return false;
    if ((!filter_.types.empty() || !filter_.tags.empty()) && !matches_rest(envelope)) return false;
    if (!stream_pattern_ && !type_pattern_) [[likely]]
        return true;
    Result<bool> matched = matches_patterns(envelope);
    if (matched) return *matched;
    if (error != nullptr) *error = std::move(matched).take_error();
    return true;
}

Result<bool> EnvelopeFilter::matches_patterns(std::string_view envelope) const {
    if (stream_pattern_) {
        if (!*stream_pattern_) return stream_pattern_->error();
        ANNALS_TRY(const bool is_met, (*stream_pattern_)->matches(stream_of(envelope)));
        if (!is_met) return false;
    }
    if (!type_pattern_) return true;
    if (!*type_pattern_) return type_pattern_->error();
    codec::FieldReader reader(envelope);
    while (reader.next() && reader.field() <= kTypeField) {
        if (reader.field() == kTypeField) return (*type_pattern_)->matches(reader.bytes());
    }
    return false;
}

bool EnvelopeFilter::matches_stream(std::string_view stream) const {
    if (!filter_.include_system && model::is_system_name(stream)) return false;
    if (!filter_.categories.empty() && !is_any_of(filter_.categories, model::category_of(stream)))
        return false;
    return filter_.stream_prefixes.empty() ||
           std::any_of(
               filter_.stream_prefixes.begin(),
               filter_.stream_prefixes.end(),
               [&](const std::string& prefix) { return stream.starts_with(prefix); }
           );
}

bool EnvelopeFilter::matches_rest(std::string_view envelope) const {
    const std::uint64_t wanted = (std::uint64_t{1} << filter_.tags.size()) - 1;
    std::uint64_t found = 0;
    bool is_type_met = filter_.types.empty();
    codec::FieldReader reader(envelope);
    while (reader.next() && reader.field() <= kTagField) {
        if (reader.field() == kTypeField) {
            if (!is_type_met && !is_any_of(filter_.types, reader.bytes())) return false;
            is_type_met = true;
            if (wanted == 0) return true;
        } else if (reader.field() == kTagField) {
            found |= bits_of(filter_.tags, reader.bytes());
            if (found == wanted) return is_type_met;
        }
    }
    return is_type_met && found == wanted;
}

}  // namespace annals::streams
