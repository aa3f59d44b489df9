// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "bare_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "stopwatch.hpp"

namespace annals::bench_kit {
namespace {

constexpr std::size_t kFileBytes = 64u << 20u;

Error file_error(const std::string& path, const char* what) {
    return Error(
        ErrorCode::kIoError,
        path + ": " + what + ": " + std::error_code(errno, std::generic_category()).message()
    );
}

}  // namespace

Result<std::unique_ptr<BareLog>> BareLog::open(const std::string& directory) {
    const std::string path = directory + "/bare-log.tmp";
    const int handle = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (handle < 0) return file_error(path, "cannot be created");
    std::unique_ptr<BareLog> log(new BareLog(path, handle));
    ANNALS_CHECK(log->fill());
    return log;
}

BareLog::~BareLog() {
    ::close(handle_);
    ::unlink(path_.c_str());
}

Status BareLog::fill() {
    const std::string zeros(4u << 20u, '\0');
    while (offset_ + zeros.size() <= kFileBytes) {
        ANNALS_CHECK(write(zeros));
    }
    offset_ = 0;
    return sync();
}

Status BareLog::write(const std::string& bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t written = ::pwrite(
            handle_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset_ + done)
        );
        if (written <= 0) return file_error(path_, "cannot write");
        done += static_cast<std::size_t>(written);
    }
    offset_ += bytes.size();
    return ok();
}

Status BareLog::sync() {
    return ::fdatasync(handle_) == 0 ? ok() : file_error(path_, "cannot sync");
}

Status BareLog::measure(std::size_t bytes, double seconds, std::vector<double>& latencies_us) {
    const std::string group(bytes, 'x');
    const Stopwatch total;
    while (total.seconds() < seconds) {
        if (offset_ + bytes > kFileBytes) offset_ = 0;
        const Stopwatch one;
        ANNALS_CHECK(write(group));
        ANNALS_CHECK(sync());
        latencies_us.push_back(one.micros());
    }
    return ok();
}

}  // namespace annals::bench_kit
