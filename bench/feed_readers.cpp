// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// Many readers of server-sent events in one thread.
//
//     annals_feed_readers PORT TARGET READERS FIRST_POSITION EVENTS
//
// Opens the readers and prints "open" when all of them have an answer. Each must get EVENTS events
// whose positions are FIRST_POSITION and the following ones, in order; then it prints "done".
// Anything else is told on standard error, with exit code 1.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::size_t kPieceBytes = 256u << 10u;

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "annals_feed_readers: %s\n", what.c_str());
    std::exit(1);  // NOLINT(concurrency-mt-unsafe): there is one thread
}

std::uint64_t number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end == text.data())
        fail("no number: " + std::string(text.substr(0, 40)));
    return value;
}

struct Reader {
    int socket = -1;
    bool is_open = false;
    std::uint64_t next = 0;
    std::string rest;  ///< a line that is not whole yet
};

int connect_to(std::uint16_t port, const std::string& target) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (socket < 0 || ::connect(socket, reinterpret_cast<sockaddr*>(&where), sizeof(where)) != 0)
        fail("cannot connect");
    const std::string request = "GET " + target +
                                " HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";
    if (::send(socket, request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size())) {
        fail("cannot send");
    }
    return socket;
}

/// Looks at one line; true when it was an event.
bool take(Reader& reader, std::string_view line) {
    constexpr std::string_view kEvent = "data: {\"stream\":";
    constexpr std::string_view kPosition = "\"position\":";
    if (!line.starts_with(kEvent)) {
        if (line.starts_with("event: error") || line.starts_with("event: resync"))
            fail("a feed ended: " + std::string(line));
        if (line.starts_with("retry:")) reader.is_open = true;
        if (line.starts_with("HTTP/1.1 ") && !line.starts_with("HTTP/1.1 200"))
            fail("refused: " + std::string(line));
        return false;
    }
    const std::size_t at = line.find(kPosition);
    if (at == std::string_view::npos) fail("an event without position");
    const std::uint64_t position = number(line.substr(at + kPosition.size()));
    if (position != reader.next) {
        fail(
            "position " + std::to_string(position) + " came where " + std::to_string(reader.next) +
            " was due"
        );
    }
    ++reader.next;
    return true;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 6) {
        std::fputs(
            "usage: annals_feed_readers PORT TARGET READERS FIRST_POSITION EVENTS\n", stderr
        );
        return 2;
    }
    const auto port = static_cast<std::uint16_t>(number(arguments[1]));
    const std::size_t readers_max = number(arguments[3]);
    const std::uint64_t first = number(arguments[4]);
    const std::uint64_t end = first + number(arguments[5]);
    rlimit files{readers_max + 64, readers_max + 64};
    rlimit had{};
    ::getrlimit(RLIMIT_NOFILE, &had);
    if (had.rlim_cur < files.rlim_cur) {
        files.rlim_max = had.rlim_max;
        if (::setrlimit(RLIMIT_NOFILE, &files) != 0) fail("not so many files may be open");
    }
    const int poll = ::epoll_create1(EPOLL_CLOEXEC);
    std::vector<Reader> readers(readers_max);
    for (std::size_t at = 0; at < readers.size(); ++at) {
        readers[at].socket = connect_to(port, arguments[2]);
        readers[at].next = first;
        epoll_event interest{};
        interest.events = EPOLLIN;
        interest.data.u64 = at;
        ::epoll_ctl(poll, EPOLL_CTL_ADD, readers[at].socket, &interest);
    }
    std::vector<char> piece(kPieceBytes);
    std::array<epoll_event, 256> ready{};
    std::size_t open = 0;
    std::size_t done = 0;
    while (done < readers.size()) {
        const int found = ::epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), 60'000);
        if (found <= 0) {
            fail(
                "nothing came for a minute: " + std::to_string(done) + " of " +
                std::to_string(readers.size()) + " readers have everything"
            );
        }
        for (std::size_t each = 0; each < static_cast<std::size_t>(found); ++each) {
            Reader& reader = readers[ready[each].data.u64];
            const ssize_t got = ::recv(reader.socket, piece.data(), piece.size(), 0);
            if (got <= 0) fail("a feed was cut");
            const bool was_open = reader.is_open;
            std::string_view bytes(piece.data(), static_cast<std::size_t>(got));
            while (true) {
                const std::size_t line_end = bytes.find('\n');
                if (line_end == std::string_view::npos) break;
                bool is_event = false;
                if (reader.rest.empty()) {
                    is_event = take(reader, bytes.substr(0, line_end));
                } else {
                    reader.rest += bytes.substr(0, line_end);
                    is_event = take(reader, reader.rest);
                    reader.rest.clear();
                }
                bytes.remove_prefix(line_end + 1);
                if (is_event && reader.next == end) ++done;
                if (is_event && reader.next > end) fail("more events than there are");
            }
            reader.rest += bytes;
            if (!was_open && reader.is_open && ++open == readers.size()) {
                std::puts("open");
                std::fflush(stdout);
            }
        }
    }
    std::puts("done");
    return 0;
}
