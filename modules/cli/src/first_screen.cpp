// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "first_screen.hpp"

#include <filesystem>

#include "time_text.hpp"

namespace annals::cli {
namespace {

/// A name that a client on this machine can use for the address listened on.
std::string reachable(const config::Address& address, int port) {
    const bool is_any = address.host.empty() || address.host == "0.0.0.0" || address.host == "::";
    config::Address shown{is_any ? "127.0.0.1" : address.host, static_cast<std::uint16_t>(port)};
    return config::to_string(shown);
}

std::string where_data_lies(const config::ServerSettings& settings) {
    if (settings.is_memory) return "in memory only: gone when the server stops";
    std::error_code error;
    const auto path = std::filesystem::weakly_canonical(settings.data_directory, error);
    return error ? settings.data_directory : path.string();
}

std::string promise(const config::ServerSettings& settings) {
    if (settings.is_memory) return "none (memory)";
    const std::string name = config::to_string(settings.durability);
    return name + (settings.durability.is_every_append()
                       ? ": an append is answered once it is synced"
                       : ": an answered append may be lost within the interval");
}

std::string what_was_found(const node::LogStart& log) {
    std::string text = std::to_string(log.events) + " events";
    if (log.events > 0 && !log.was_clean) text += ", recovered";
    if (log.cut_groups > 0) {
        text += ", cut " + std::to_string(log.cut_groups) + " torn groups (" +
                bytes_text(log.cut_bytes) + ")";
    }
    if (log.rewritten_groups > 0) {
        text += ", made " + std::to_string(log.rewritten_groups) + " groups durable again";
    }
    if (!log.index_discarded.empty()) text += ", index rebuilt: " + log.index_discarded;
    if (!log.index_in_memory.empty()) text += ", index in memory: the disk is full";
    if (log.index_fed_events > 0) text += ", indexed " + std::to_string(log.index_fed_events);
    if (log.index_lost_events > 0)
        text += ", " + std::to_string(log.index_lost_events) + " of them lost to damage";
    if (log.index_unplaced_events > 0) {
        text += ", " + std::to_string(log.index_unplaced_events) +
                " lost events may have been the last of their streams: revisions may come again";
    }
    return text;
}

}  // namespace

void show_first_screen(
    Terminal& terminal,
    const config::ServerSettings& settings,
    const node::Node& node,
    const std::string& program_name
) {
    const std::string grpc = reachable(settings.grpc, node.grpc_port());
    std::ostream& out = terminal.out;
    const auto line = [&](std::string_view name, std::string_view value) {
        out << "  " << styled(terminal, Style::kDim, name) << std::string(12 - name.size(), ' ')
            << value << '\n';
    };
    out << styled(terminal, Style::kBold, "annals " + node::program_version() + " is ready")
        << "\n\n";
    line("gRPC", grpc);
    line("HTTP", reachable(settings.http, node.http_port()) + "  /docs /health/ready /metrics");
    line("data", where_data_lies(settings));
    line("durability", promise(settings));
    for (const node::LogStart& log : node.logs()) {
        line("log", log.name + ": " + what_was_found(log));
        for (const std::string& damage : log.damages) {
            line("", styled(terminal, Style::kRed, "damage: " + damage));
        }
        if (log.read_only_reason.empty()) continue;
        line("", styled(terminal, Style::kYellow, "reading only: " + log.read_only_reason));
    }
    for (const std::string& folder : node.unknown_folders()) {
        line("", styled(terminal, Style::kYellow, "unknown folder, left alone: " + folder));
    }
    const std::string server = grpc == "127.0.0.1:7400" ? "" : " --server " + grpc;
    out << "\nThree things to try in another terminal:\n"
        << "  " << program_name << " stream append hello-1 --type Greeted --data '{\"to\":\"you\"}'"
        << server << "\n  " << program_name << " stream tail --all --follow" << server << "\n  "
        << program_name << " demo csv --help" << "\n\nCtrl-C stops the server." << std::endl;
}

}  // namespace annals::cli
