// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "argument.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "annals/documents/document_text.hpp"

namespace annals::cli {
namespace {

Result<std::string> read_stream(std::istream& input, const std::string& name) {
    std::string bytes(std::istreambuf_iterator<char>(input), {});
    if (input.bad()) return Error(ErrorCode::kIoError, name + " cannot be read");
    return bytes;
}

}  // namespace

Result<std::string> read_argument(const std::string& argument, Terminal& terminal) {
    if (argument == "-") return read_stream(terminal.in, "the standard input");
    if (!argument.starts_with('@')) return argument;
    const std::string path = argument.substr(1);
    std::ifstream file(path, std::ios::binary);
    if (!file) return Error(ErrorCode::kIoError, path + " cannot be opened");
    return read_stream(file, path);
}

Result<documents::Value> read_document(
    const std::string& argument, std::string_view field, Terminal& terminal
) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(argument, ignored)) {
        return Error(
                   ErrorCode::kInvalidArgument,
                   std::string(field) + " \"" + argument + "\" is a file: write @" + argument +
                       " to have it read"
        )
            .with("field", std::string(field))
            .with("value", argument);
    }
    ANNALS_TRY(const std::string text, read_argument(argument, terminal));
    return documents::parse_document(text, field);
}

}  // namespace annals::cli
