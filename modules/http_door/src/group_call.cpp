// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "group_call.hpp"

#include <charconv>
#include <system_error>

#include "parameters.hpp"

namespace annals::http_door::detail {

Result<api::ConsumerGroups*> groups_of(const StoreCall& call) {
    api::ConsumerGroups* const groups = call.desk.gate.groups();
    if (groups != nullptr) return groups;
    return Error(ErrorCode::kNotSupported, "this server keeps no consumer groups");
}

Result<std::uint64_t> number_in_path(std::string_view name, std::string_view text) {
    std::uint64_t number = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    if (!text.empty() && error == std::errc() && end == last) return number;
    return bad_parameter(name, text, "a whole number");
}

}  // namespace annals::http_door::detail
