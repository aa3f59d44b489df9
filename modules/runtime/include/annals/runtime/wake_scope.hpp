// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>

namespace annals::runtime {

/// Whoever sleeps until others bring work.
class Sleeper {
  public:
    Sleeper() = default;
    Sleeper(const Sleeper&) = delete;
    Sleeper& operator=(const Sleeper&) = delete;
    virtual ~Sleeper() = default;
    virtual void wake() = 0;
};

/// While it lives, what its thread brings to others is collected, and they are woken once when
/// flush() is called or it ends: so that many small pieces cost one wake-up and are met together.
/// Without it a sleeper that is woken by the first piece takes the processor from the one that was
/// about to bring the rest (measured: groups of one append where 64 were waiting).
///
/// Keep it short: the others wait. Belongs to one thread; inside another scope of the thread it is
/// part of that one.
class WakeScope {
  public:
    WakeScope();
    WakeScope(const WakeScope&) = delete;
    WakeScope& operator=(const WakeScope&) = delete;
    ~WakeScope();

    /// Wakes whom it keeps, in the order of their keeping.
    void flush();

    /// Whether a scope is open on this thread.
    [[nodiscard]] static bool is_open();
    /// Keeps the sleeper for the end of this thread's open scope. False when it is kept already.
    static bool keep(const std::shared_ptr<Sleeper>& sleeper);

  private:
    bool is_outermost_;
};

}  // namespace annals::runtime
