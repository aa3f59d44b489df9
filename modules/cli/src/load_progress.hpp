// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <string>

#include "annals/load_kit/load_run.hpp"

#include "session.hpp"

namespace annals::cli {

/// "12 s left  1.2 k/s  p99 3.4 ms  0 errors"
std::string load_progress_text(const load_kit::LoadProgress& progress);

/// How a load run goes, on the error stream: one line that is written anew on a terminal, a line
/// every five seconds elsewhere, nothing when quiet. One thread.
class LoadProgressLine final : public load_kit::LoadObserver {
  public:
    explicit LoadProgressLine(Session& session) : session_(session) {}
    ~LoadProgressLine() override { clear(); }

    void on_progress(const load_kit::LoadProgress& progress) override;
    void on_checking() override;
    bool is_cancelled() override;
    /// Takes the line away, before something else is written.
    void clear();

  private:
    Session& session_;
    double shown_seconds_ = 0;
    bool is_visible_ = false;
};

}  // namespace annals::cli
