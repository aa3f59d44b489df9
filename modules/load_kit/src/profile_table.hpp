// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "annals/base/result.hpp"
#include "annals/config/toml.hpp"

namespace annals::load_kit::detail {

/// What is wrong with a value, for people: config_invalid with key, value, origin and remedy.
Error profile_fault(
    std::string_view key, std::string_view value, std::string_view origin, std::string_view remedy
);

/// The remedy where an actor is named that is not there.
std::string no_such_actor(const std::vector<std::string>& names);

/// A TOML value as its text, for messages.
std::string value_text(const toml::node& node);

/// One table of a profile, read key by key: the first fault is kept, later reads do nothing. What
/// was never asked for is an unknown key. The table must outlive it.
class ProfileTable {
  public:
    /// `prefix` is how its keys are called in messages: "actors.clerks."
    ProfileTable(const toml::table& table, std::string prefix, std::string origin)
        : table_(table), prefix_(std::move(prefix)), origin_(std::move(origin)) {}

    /// What a key is called where a flag gave it; without this, --set and its name.
    void given_by(std::string key, std::string flag) {
        flags_.emplace(std::move(key), std::move(flag));
    }

    [[nodiscard]] bool has(std::string_view key) const { return table_.contains(key); }
    /// Each leaves the value alone when the key is not there.
    void text(std::string_view key, std::string& value);
    void texts(std::string_view key, std::vector<std::string>& values, std::size_t count_max);
    void number(
        std::string_view key, std::uint64_t& value, std::uint64_t least, std::uint64_t most
    );
    void number(
        std::string_view key, std::uint32_t& value, std::uint64_t least, std::uint64_t most
    );
    void real(std::string_view key, double& value, double least, double most);
    void duration(std::string_view key, std::int64_t& value_ns);
    /// A word of the list: its place in it.
    void word(std::string_view key, std::size_t& value, const std::vector<std::string>& words);
    /// Null when the key is not there or is no table (a fault then).
    const toml::table* table(std::string_view key);
    const toml::array* tables(std::string_view key);

    /// Notes a fault of this key, unless there is one already.
    void fail(std::string_view key, std::string_view remedy);
    /// The keys that are not known here are a fault; `others` apply to other actors, not to this.
    Status finish(std::string_view of_what, const std::vector<std::string>& others = {});

  private:
    const toml::node* get(std::string_view key);

    const toml::table& table_;
    std::string prefix_;
    std::string origin_;
    std::map<std::string, std::string, std::less<>> flags_;
    std::vector<std::string> known_;
    std::optional<Error> fault_;
};

}  // namespace annals::load_kit::detail
