// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

namespace samples {

/// SIGTERM and SIGINT as something to wait for. Made first in main(): threads that begin later
/// leave both signals to it. Ignores SIGPIPE.
class StopSignals {
  public:
    StopSignals();
    /// Returns with the first of them.
    void wait() const;
};

}  // namespace samples
