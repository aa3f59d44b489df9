// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/config/settings.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "annals/base/assert.hpp"

#include "toml_file.hpp"

namespace annals::config {
namespace {

constexpr std::string_view kPrefix = "ANNALS_";
/// Variables of other parts: which file to read, whom the command line talks to, building and
/// testing.
constexpr std::array<std::string_view, 10> kForeignVariables{
    "ANNALS_CONFIG",
    "ANNALS_SERVER",
    "ANNALS_NAMESPACE",
    "ANNALS_OUTPUT",
    "ANNALS_SKIP_PACKAGES",
    "ANNALS_PROGRAM",
    "ANNALS_BIN",
    "ANNALS_SHARED_DATA",
    "ANNALS_TEST_*",
    "ANNALS_BENCH_*",
};

bool is_foreign(std::string_view variable) {
    return std::any_of(
        kForeignVariables.begin(),
        kForeignVariables.end(),
        [&](std::string_view name) {
            return name.ends_with('*') ? variable.starts_with(name.substr(0, name.size() - 1))
                                       : variable == name;
        }
    );
}

Error fault(const Setting& setting, std::string_view remedy) {
    const std::string value = setting.shown_value();
    std::string message(setting.spec->name);
    message.append(" = \"").append(value).append("\" (from ").append(setting.where);
    message.append(") is not acceptable: ").append(remedy);
    return Error(ErrorCode::kConfigInvalid, std::move(message))
        .with("key", setting.spec->name)
        .with("value", value)
        .with("origin", setting.where)
        .with("remedy", remedy);
}

/// The first that begins so: grpc for grpc.address. Empty: none.
std::string_view longer(std::string_view key, const std::vector<std::string>& known) {
    for (const std::string& name : known) {
        const bool is_longer = name.size() > key.size() && name.starts_with(key);
        if (is_longer && (name[key.size()] == '.' || name[key.size()] == '_')) return name;
    }
    return {};
}

Error unknown_key(
    std::string_view key, std::string_view where, const std::vector<std::string>& known
) {
    std::string_view suggestion = nearest(key, known);
    if (suggestion.empty()) suggestion = longer(key, known);
    std::string remedy = suggestion.empty() ? "remove it; annals config print -o json lists all "
                                              "settings with flags and variables"
                                            : "did you mean " + std::string(suggestion) + "?";
    std::string message("there is no setting ");
    message.append(key).append(" (from ").append(where).append("): ").append(remedy);
    return Error(ErrorCode::kConfigInvalid, std::move(message))
        .with("key", key)
        .with("origin", where)
        .with("remedy", remedy)
        .with("suggestion", suggestion);
}

Status check_choice(const SettingSpec& spec, std::string_view value) {
    if (std::find(spec.choices.begin(), spec.choices.end(), value) != spec.choices.end())
        return ok();
    std::string remedy("write one of");
    std::string_view gap = " ";
    for (const std::string_view choice : spec.choices) {
        remedy.append(gap).append(choice);
        gap = ", ";
    }
    return Error(ErrorCode::kConfigInvalid, remedy).with("remedy", remedy);
}

/// A Status out of any Result.
template <typename T>
Status status_of(Result<T> result) {
    if (!result) return std::move(result).take_error();
    return ok();
}

Status check_value(const SettingSpec& spec, std::string_view value) {
    switch (spec.kind) {
        case SettingKind::kText:
            if (!spec.is_needed || !value.empty()) return ok();
            return Error(ErrorCode::kConfigInvalid, "it is empty")
                .with("remedy", "it is empty: give a value, or leave it out for the default");
        case SettingKind::kBool:
            return status_of(parse_bool(value));
        case SettingKind::kInteger:
            return status_of(parse_integer(value, spec.range));
        case SettingKind::kDuration:
            return status_of(parse_duration_ns(value));
        case SettingKind::kAddress:
            return status_of(parse_address(value));
        case SettingKind::kDurability:
            return status_of(parse_durability(value));
        case SettingKind::kDayWindow:
            return status_of(parse_day_window(value));
        case SettingKind::kKeptFor:
            return status_of(parse_kept_for_ns(value));
        case SettingKind::kChoice:
            return check_choice(spec, value);
        case SettingKind::kOrigins:
            return status_of(parse_origins(value));
    }
    return ok();
}

/// Lays one source over the other, weakest first.
class Resolver {
  public:
    explicit Resolver(std::span<const SettingSpec> specs) {
        for (const SettingSpec& spec : specs) {
            out_.values.push_back(
                {&spec, std::string(spec.default_text), Origin::kDefault, "default"}
            );
        }
    }

    void add_file(const std::string& path) {
        const auto entries = detail::read_toml_file(path);
        if (!entries) {
            out_.faults.push_back(entries.error());
            return;
        }
        std::vector<std::string> known;
        known.reserve(out_.values.size());
        for (const Setting& setting : out_.values) known.emplace_back(setting.spec->name);
        for (const detail::FileEntry& entry : *entries) {
            Setting* setting = find([&](const SettingSpec& s) { return s.name == entry.key; });
            if (setting != nullptr && !entry.is_plain) {
                Setting shown = *setting;
                shown.value = "…";
                shown.where = entry.where;
                out_.faults.push_back(fault(shown, "write one text, whole number or boolean"));
            } else if (setting != nullptr) {
                set(*setting, entry.value, Origin::kFile, entry.where);
            } else if (Setting* secret = find_secret(entry.key, "_file", &file_key)) {
                set_from_file(*secret, entry.value, Origin::kFile, entry.where);
            } else {
                out_.faults.push_back(unknown_key(entry.key, entry.where, known));
            }
        }
    }

    void add_environment(const std::vector<NamedText>& environment) {
        std::vector<std::string> known;
        known.reserve(out_.values.size());
        for (const Setting& setting : out_.values) known.push_back(environment_name(*setting.spec));
        for (const NamedText& variable : environment) {
            if (!variable.name.starts_with(kPrefix) || is_foreign(variable.name)) continue;
            Setting* setting = find([&](const SettingSpec& s) {
                return environment_name(s) == variable.name;
            });
            if (setting != nullptr) {
                set(*setting, variable.value, Origin::kEnvironment, variable.name);
            } else if (Setting* secret = find_secret(variable.name, "_FILE", &environment_name)) {
                set_from_file(*secret, variable.value, Origin::kEnvironment, variable.name);
            } else {
                out_.faults.push_back(unknown_key(variable.name, "the environment", known));
            }
        }
    }

    void add_flags(const std::vector<NamedText>& flags) {
        for (const NamedText& flag : flags) {
            Setting* setting = find([&](const SettingSpec& s) { return s.name == flag.name; });
            ANNALS_ASSERT(setting != nullptr, "flags are made from the declared settings");
            set(*setting, flag.value, Origin::kFlag, std::string(setting->spec->flag));
        }
    }

    Settings finish() {
        for (const Setting& setting : out_.values) {
            const Status status = check_value(*setting.spec, setting.value);
            if (!status) out_.faults.push_back(fault(setting, status.error().field("remedy")));
        }
        return std::move(out_);
    }

  private:
    static std::string file_key(const SettingSpec& spec) { return std::string(spec.name); }

    template <typename Matches>
    Setting* find(Matches matches) {
        const auto found = std::find_if(
            out_.values.begin(),
            out_.values.end(),
            [&](const Setting& s) { return matches(*s.spec); }
        );
        return found == out_.values.end() ? nullptr : &*found;
    }

    /// The secret whose name with the suffix is `name`.
    Setting* find_secret(
        std::string_view name, std::string_view suffix, std::string (*name_of)(const SettingSpec&)
    ) {
        return find([&](const SettingSpec& spec) {
            return spec.is_secret && name_of(spec).append(suffix) == name;
        });
    }

    void set(Setting& setting, std::string value, Origin origin, std::string where) {
        if (setting.origin == origin && origin != Origin::kFlag) {
            out_.faults.push_back(fault(setting, "it is also given by " + where + ": keep one"));
        }
        setting.value = std::move(value);
        setting.origin = origin;
        setting.where = std::move(where);
    }

    void set_from_file(
        Setting& setting, const std::string& path, Origin origin, std::string where
    ) {
        auto secret = detail::read_secret_file(path);
        if (!secret) {
            Setting shown = setting;
            shown.where = where;
            out_.faults.push_back(fault(shown, "the file " + path + " cannot be read"));
            return;
        }
        set(setting, std::move(*secret), origin, std::move(where));
    }

    Settings out_;
};

}  // namespace

std::string environment_name(const SettingSpec& spec) {
    std::string name(kPrefix);
    for (const char c : spec.name) {
        const bool is_lower = c >= 'a' && c <= 'z';
        name.push_back(
            c == '.' || c == '-' ? '_'
            : is_lower           ? static_cast<char>(c - 'a' + 'A')
                                 : c
        );
    }
    return name;
}

std::string_view to_string(Origin origin) {
    switch (origin) {
        case Origin::kDefault:
            return "default";
        case Origin::kFile:
            return "file";
        case Origin::kEnvironment:
            return "environment";
        case Origin::kFlag:
            return "flag";
    }
    return "";
}

std::vector<NamedText> annals_environment() {
    std::vector<NamedText> found;
    for (char** variable = ::environ; variable != nullptr && *variable != nullptr; ++variable) {
        const std::string_view text(*variable);
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos || !text.starts_with(kPrefix)) continue;
        found.push_back({std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))}
        );
    }
    std::sort(found.begin(), found.end(), [](const NamedText& a, const NamedText& b) {
        return a.name < b.name;
    });
    return found;
}

std::string Setting::shown_value() const {
    return spec->is_secret && !value.empty() ? "********" : value;
}

const Setting& Settings::at(std::string_view name) const {
    const auto found = std::find_if(values.begin(), values.end(), [&](const Setting& setting) {
        return setting.spec->name == name;
    });
    ANNALS_ASSERT(found != values.end(), "the setting is declared");
    return *found;
}

Settings resolve(std::span<const SettingSpec> specs, const Sources& sources) {
    Resolver resolver(specs);
    if (!sources.file_path.empty()) resolver.add_file(sources.file_path);
    resolver.add_environment(sources.environment);
    resolver.add_flags(sources.flags);
    return resolver.finish();
}

}  // namespace annals::config
