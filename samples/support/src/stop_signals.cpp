// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "samples/stop_signals.hpp"

#include <csignal>

namespace samples {
namespace {

sigset_t stops() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
}

}  // namespace

StopSignals::StopSignals() {
    const sigset_t set = stops();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
}

void StopSignals::wait() const {
    const sigset_t set = stops();
    int signal = 0;
    while (sigwait(&set, &signal) != 0) {
    }
}

}  // namespace samples
