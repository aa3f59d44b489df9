// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/result.hpp"

namespace annals::http_door::detail {

struct Request;

/// Of numbers that have 32 bits behind the door.
inline constexpr std::uint64_t kUint32Max = std::numeric_limits<std::uint32_t>::max();

/// Events and names that one page of the store holds.
inline constexpr std::uint32_t kPageMax = 4'096;

/// The parameters of a query string, each taken by its name once; what nobody took is an error, so
/// that a misspelt filter is not a filter that is missing. `+` and `%20` are blanks.
class Parameters {
  public:
    /// invalid_argument for a percent sign without two hex digits, or for too many.
    static Result<Parameters> parse(std::string_view query);

    /// invalid_argument when it is there twice.
    Result<std::optional<std::string>> text(std::string_view name);
    /// All of this name, in order.
    std::vector<std::string> texts(std::string_view name);
    /// 0 up to `max`.
    Result<std::optional<std::uint64_t>> number(std::string_view name, std::uint64_t max);
    /// `limit`, 1 up to `max`; what is more is refused here, or by who is asked: up to `taken_max`.
    Result<std::optional<std::uint32_t>> limit(std::uint32_t max, std::uint32_t taken_max);
    Result<std::optional<std::uint32_t>> limit(std::uint32_t max) { return limit(max, max); }
    /// true or false; there without a value: true.
    Result<bool> boolean(std::string_view name);
    /// `500ms`, `20s`, `1m`, or a number of seconds.
    Result<std::optional<std::uint32_t>> milliseconds(std::string_view name, std::uint32_t max);
    /// invalid_argument that names one that was not taken, and those that could be.
    Status end() const;

  private:
    struct One {
        std::string name;
        std::string value;
        bool is_taken = false;
    };
    static constexpr std::size_t kParametersMax = 256;

    std::vector<One> all_;
    std::vector<std::string_view> known_;
};

/// invalid_argument where a request that takes no parameters has one.
Status no_parameters(const Request& request);

/// invalid_argument with `field`, `value` and `rule`.
Error bad_parameter(std::string_view name, std::string_view value, std::string_view rule);
/// The same with the value that the request has: of the parameter, or else of the header field of
/// that name. Costs a parse: for errors.
Error bad_as_sent(const Request& request, std::string_view name, std::string_view rule);
/// The same for one that must be there and is not: no `value`.
Error left_out(std::string_view name, std::string_view rule);

}  // namespace annals::http_door::detail
