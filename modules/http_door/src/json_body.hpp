// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "annals/base/result.hpp"

#include "message.hpp"

namespace annals::http_door::detail {

/// The members of a body that is one small JSON object, each taken by its name once; what nobody
/// took is an error, so that a misspelt member is not one that is missing. Values of one thread.
///
/// Costs: the body is parsed whole; at most kDepthMax levels deep, for values are shown in errors.
class JsonBody {
  public:
    using Json = nlohmann::ordered_json;
    static constexpr std::size_t kBytesMax = 65'536;
    static constexpr int kDepthMax = 8;

    /// invalid_argument that shows the `shape` which is wanted. An empty body is an object without
    /// members where `may_be_empty`.
    static Result<JsonBody> parse(
        const Request& request,
        std::string_view shape,
        bool may_be_empty = false,
        std::size_t bytes_max = kBytesMax
    );
    /// A part of a body that was taken: `path` is how errors name it.
    static Result<JsonBody> of(Json json, std::string path);

    /// Missing or null: empty.
    Result<std::string> text(const std::string& name);
    /// Missing or null: 0.
    Result<std::uint64_t> number(
        const std::string& name, std::uint64_t max = std::numeric_limits<std::uint64_t>::max()
    );
    /// Missing or null: false.
    Result<bool> boolean(const std::string& name);
    /// Missing or null: none.
    Result<std::vector<std::string>> texts(const std::string& name);
    Result<std::vector<std::uint64_t>> numbers(const std::string& name);
    /// Null where it is missing.
    Json take(const std::string& name);
    /// How errors name a member.
    [[nodiscard]] std::string path_of(const std::string& name) const;
    /// invalid_argument that names a member that was not taken, and those that are known.
    [[nodiscard]] Status end() const;

  private:
    Json json_;
    std::string path_;
    std::vector<std::string> known_;  ///< each that was asked for
};

/// JSON as the door writes it, with a line break.
std::string text_of(const nlohmann::ordered_json& json);

}  // namespace annals::http_door::detail
