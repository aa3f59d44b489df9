// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "annals/base/result.hpp"
#include "annals/model/append.hpp"

namespace annals::crash {

using AppendName = std::pair<std::uint32_t, std::uint32_t>;  ///< thread, number

/// What the client heard from the server.
struct Acknowledged {
    std::uint64_t first_position = 0;
    std::uint64_t last_position = 0;
    std::vector<model::StreamRevisions> streams;
    bool is_replay = false;
};

/// What was sent and what was acknowledged, as far as the file tells.
struct JournalContent {
    std::map<AppendName, bool> sent;
    std::map<AppendName, Acknowledged> acknowledged;
};

/// A file of lines that survives the client: `I thread number` before an append is sent, `A thread
/// number …` once its answer is here. Each line is one write() with O_APPEND: any thread, nothing
/// torn by our own end.
class Journal {
  public:
    static Result<Journal> open(const std::string& path);
    Journal(Journal&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}
    Journal& operator=(Journal&&) = delete;
    ~Journal();

    void note_sent(const AppendName& name);
    void note_acknowledged(const AppendName& name, const model::AppendResult& answer);

    static Result<JournalContent> read(const std::string& path);

  private:
    explicit Journal(int handle) : handle_(handle) {}
    void write_line(const std::string& line);

    int handle_;
};

}  // namespace annals::crash
