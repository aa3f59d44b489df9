// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "shell_command.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include <spawn.h>

namespace annals::cli {
namespace {

std::string not_started(int error) {
    return "the command cannot be started: " + std::generic_category().message(error);
}

class MemoryFile {
  public:
    MemoryFile() : handle_(::memfd_create("input", MFD_CLOEXEC)) {}
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    ~MemoryFile() {
        if (handle_ >= 0) ::close(handle_);
    }

    [[nodiscard]] int handle() const { return handle_; }
    /// Afterwards it is read from its beginning.
    // NOLINTNEXTLINE(readability-make-member-function-const): the file behind it changes
    bool write(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t written = ::write(handle_, bytes.data(), bytes.size());
            if (written <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
        return ::lseek(handle_, 0, SEEK_SET) == 0;
    }

  private:
    const int handle_;
};

}  // namespace

std::string run_shell(const std::string& command, std::string_view input) {
    MemoryFile file;
    if (file.handle() < 0 || !file.write(input)) return not_started(errno);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, file.handle(), STDIN_FILENO);
    std::string shell = "sh";
    std::string flag = "-c";
    std::string text = command;
    char* const words[] = {shell.data(), flag.data(), text.data(), nullptr};
    pid_t child = 0;
    const int failed = ::posix_spawn(&child, "/bin/sh", &actions, nullptr, words, environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) return not_started(failed);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return not_started(errno);
    }
    if (WIFSIGNALED(status)) {
        return "the command was ended by signal " + std::to_string(WTERMSIG(status));
    }
    const int code = WEXITSTATUS(status);
    return code == 0 ? "" : "the command ended with exit code " + std::to_string(code);
}

}  // namespace annals::cli
