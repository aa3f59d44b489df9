// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "annals/base/result.hpp"
#include "annals/config/values.hpp"

/// Settings are declared once, as data, and resolved in one place:
///
///     flag  >  environment (ANNALS_…)  >  TOML file  >  default
///
/// Each value knows where it came from; a key that nobody declared is a fault with a suggestion.
namespace annals::config {

enum class SettingKind : std::uint8_t {
    kText,
    kBool,
    kInteger,
    kDuration,
    kAddress,
    kDurability,
    kDayWindow,
    kKeptFor,
    kChoice,
    kOrigins
};

/// One setting. `grpc.address` is its key in the file ([grpc] address = "…") and gives its
/// variable, ANNALS_GRPC_ADDRESS. Texts live as long as the program.
struct SettingSpec {
    std::string_view name = {};
    SettingKind kind = SettingKind::kText;
    std::string_view default_text = {};
    std::string_view flag = {};  ///< "--grpc"; a kBool needs no value behind it
    std::string_view help = {};
    IntegerRange range = {};                         ///< of kInteger
    std::span<const std::string_view> choices = {};  ///< of kChoice
    /// Never shown; may also come from a file named by ANNALS_…_FILE or by the key `…_file`.
    bool is_secret = false;
    bool is_needed = false;  ///< of kText: not empty
};

/// "grpc.address" -> "ANNALS_GRPC_ADDRESS"
std::string environment_name(const SettingSpec& spec);

enum class Origin : std::uint8_t { kDefault, kFile, kEnvironment, kFlag };
std::string_view to_string(Origin origin);

struct NamedText {
    std::string name;
    std::string value;
};

/// What the surroundings say.
struct Sources {
    std::vector<NamedText> flags;  ///< by setting name: {"grpc.address", "…"}
    std::vector<NamedText>
        environment;        ///< variables; only those that begin with ANNALS_ are looked at
    std::string file_path;  ///< empty: no file
};

/// This process' variables that begin with ANNALS_.
std::vector<NamedText> annals_environment();

/// The value that won.
struct Setting {
    const SettingSpec* spec = nullptr;
    std::string value;
    Origin origin = Origin::kDefault;
    std::string where;  ///< "default", "annals.toml:3", "ANNALS_GRPC_ADDRESS", "--grpc"

    /// What people may see: `********` for a secret that is set.
    [[nodiscard]] std::string shown_value() const;
};

/// All settings in the order of their declaration, and all that is wrong: what `config print` and
/// `config check` show. Each fault is a config_invalid with the fields key, value, origin and
/// remedy.
struct Settings {
    std::vector<Setting> values;
    std::vector<Error> faults;

    /// The name must be declared.
    [[nodiscard]] const Setting& at(std::string_view name) const;
};

/// Never fails: what is wrong is in `faults`, and the setting then keeps its text.
Settings resolve(std::span<const SettingSpec> specs, const Sources& sources);

/// The candidate nearest to the word by edit distance; empty when none is near.
std::string_view nearest(std::string_view word, std::span<const std::string> candidates);

}  // namespace annals::config
