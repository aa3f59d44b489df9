// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "journal.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

namespace annals::crash {

Result<Journal> Journal::open(const std::string& path) {
    const int handle = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (handle < 0) return Error(ErrorCode::kIoError, path + " cannot be opened");
    return Journal(handle);
}

Journal::~Journal() {
    if (handle_ >= 0) ::close(handle_);
}

void Journal::note_sent(const AppendName& name) {
    write_line("I " + std::to_string(name.first) + " " + std::to_string(name.second) + "\n");
}

void Journal::note_acknowledged(const AppendName& name, const model::AppendResult& answer) {
    std::ostringstream line;
    line << "A " << name.first << ' ' << name.second << ' ' << answer.first_position.value << ' '
         << answer.last_position.value << ' ' << (answer.is_replay ? 1 : 0) << ' '
         << answer.streams.size();
    for (const model::StreamRevisions& stream : answer.streams) {
        line << ' ' << stream.stream << ' ' << stream.first.value << ' ' << stream.last.value;
    }
    line << '\n';
    write_line(line.str());
}

// NOLINTNEXTLINE(readability-make-member-function-const): the file behind it changes
void Journal::write_line(const std::string& line) {
    if (::write(handle_, line.data(), line.size()) == static_cast<ssize_t>(line.size())) return;
    std::cerr << "the journal cannot be written\n";
    std::_Exit(3);
}

Result<JournalContent> Journal::read(const std::string& path) {
    JournalContent content;
    std::ifstream file(path);
    std::string text;
    while (std::getline(file, text)) {
        std::istringstream line(text);
        char kind = ' ';
        AppendName name;
        line >> kind >> name.first >> name.second;
        if (kind == 'I') {
            content.sent[name] = true;
            continue;
        }
        Acknowledged answer;
        int is_replay = 0;
        std::size_t streams = 0;
        line >> answer.first_position >> answer.last_position >> is_replay >> streams;
        answer.is_replay = is_replay == 1;
        for (std::size_t at = 0; at < streams && line; ++at) {
            model::StreamRevisions stream;
            line >> stream.stream >> stream.first.value >> stream.last.value;
            answer.streams.push_back(std::move(stream));
        }
        if (!line || kind != 'A') return Error(ErrorCode::kInternal, "journal line: " + text);
        content.acknowledged[name] = std::move(answer);
    }
    return content;
}

}  // namespace annals::crash
