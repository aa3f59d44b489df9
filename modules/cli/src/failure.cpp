// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "failure.hpp"

#include "annals/model/append.hpp"

#include "time_text.hpp"

namespace annals::cli {
namespace {

Json check_to_json(const model::FailedCheck& check) {
    Json json;
    json["check_index"] = check.check_index;
    if (check.kind == model::FailedCheck::Kind::kQuery) {
        json["matching_position"] = check.matching_position.value;
        return json;
    }
    json["stream"] = check.stream;
    json["expected"] = model::to_string(check.expected);
    json["current_revision"] = check.current_revision ? Json(check.current_revision->value)
                                                      : Json(nullptr);
    if (check.is_deleted) json["is_deleted"] = true;
    return json;
}

/// What to do about it: the error's own advice where it has one that its message does not give.
std::string_view help_of(const Error& error) {
    const std::string_view own = error.field("remedy");
    const bool is_said = own.empty() || error.message().find(own) != std::string_view::npos;
    return is_said ? error.info().help : own;
}

Json error_to_json(const Error& error, ExitCode code) {
    Json json;
    json["code"] = std::string(error.info().name);
    json["message"] = std::string(error.message());
    json["help"] = std::string(help_of(error));
    json["retry"] = std::string(error.info().retry);
    json["exit_code"] = static_cast<int>(code);
    for (const ErrorField& field : error.fields()) json["fields"][field.name] = field.value;
    if (const auto* const conflict = error.details<model::ConflictDetails>()) {
        for (const model::FailedCheck& check : conflict->failed_checks) {
            json["failed_checks"].push_back(check_to_json(check));
        }
    }
    return Json{{"error", json}};
}

}  // namespace

ExitCode show_failure(Session& session, const Error& error) {
    Terminal& terminal = session.terminal();
    const ExitCode code = exit_code(error.info());
    terminal.out.flush();
    if (session.format() == OutputFormat::kJson || session.format() == OutputFormat::kJsonLines) {
        terminal.err << one_line(error_to_json(error, code)) << '\n';
        return code;
    }
    Terminal coloured = terminal;
    coloured.has_colour = terminal.has_colour && terminal.is_err_tty;
    const std::string_view sentence = error.message().empty() ? error.info().sentence
                                                              : error.message();
    terminal.err << styled(coloured, Style::kRed, std::string(error.info().name) + ":") << ' '
                 << printable(sentence) << '\n'
                 << styled(coloured, Style::kDim, help_of(error)) << '\n';
    return code;
}

}  // namespace annals::cli
