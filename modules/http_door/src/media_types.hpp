// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "message.hpp"

namespace annals::http_door::detail {

inline constexpr std::string_view kJsonType = "application/json";
inline constexpr std::string_view kCloudBatchType = "application/cloudevents-batch+json";
inline constexpr std::string_view kCloudEventType = "application/cloudevents+json";
inline constexpr std::string_view kFeedType = "text/event-stream";

/// What a route can answer with; the first is meant where Accept leaves it open. Of static storage.
/// None: Accept is not looked at.
using Offers = std::span<const std::string_view>;

inline constexpr std::array<std::string_view, 1> kJsonOffers{kJsonType};
inline constexpr std::array<std::string_view, 2> kEventOffers{kJsonType, kCloudBatchType};
inline constexpr std::array<std::string_view, 3> kReadOffers{kJsonType, kCloudBatchType, kFeedType};

/// The offer that the field value Accept wants most (RFC 9110 12.5.1): of the highest weight, then
/// the one that is named more exactly, then the one that is named first. Nothing: none of them.
///
/// Parameters other than q are passed over, and so is what is no media range; where nothing else
/// is there, Accept leaves it open.
std::optional<std::string_view> negotiated(std::string_view accept, Offers offers);

/// Whether the field value names the media type itself, with a weight above 0.
bool names_type(std::string_view accept, std::string_view media_type);

/// The request's Accept: its fields as one (RFC 9110 5.3).
std::string accept_of(const Request& request);

/// 406 that lists what there is.
Response not_acceptable(const Request& request, Offers offers);

}  // namespace annals::http_door::detail
