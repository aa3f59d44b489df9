// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "server_flags.hpp"

namespace annals::cli {

void ServerFlags::declare(CLI::App& command) {
    constexpr const char* kGroup = "Settings";
    command.add_option("--config", config_file_, "TOML file with settings")
        ->envname("ANNALS_CONFIG")
        ->group(kGroup);
    for (const config::SettingSpec& spec : config::server_setting_specs()) {
        if (spec.flag.empty()) continue;
        const std::string name(spec.name);
        const std::string flag(spec.flag);
        std::string help(spec.help);
        if (spec.kind == config::SettingKind::kBool) {
            command.add_flag(flag, switches_[name], help)->group(kGroup);
            continue;
        }
        if (!spec.default_text.empty()) help += " [" + std::string(spec.default_text) + "]";
        options_[name] = command.add_option(flag, texts_[name], help)->group(kGroup);
    }
}

config::Settings ServerFlags::resolve() const {
    config::Sources sources;
    for (const auto& [name, text] : texts_) {
        // An empty one was given, too: of a shell's variable that is not set.
        if (options_.at(name)->count() > 0) sources.flags.push_back({name, text});
    }
    for (const auto& [name, is_on] : switches_) {
        if (is_on) sources.flags.push_back({name, "true"});
    }
    sources.environment = config::annals_environment();
    sources.file_path = config_file_;
    return config::resolve_server_settings(sources);
}

}  // namespace annals::cli
