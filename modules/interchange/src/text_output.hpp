// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <ostream>
#include <string>

#include "annals/base/result.hpp"

namespace annals::interchange {

/// Text on its way into an output: made in text(), handed on by write(). One thread.
class TextOutput {
  public:
    explicit TextOutput(std::ostream& output) : output_(output) {}

    std::string& text() { return text_; }
    Status write() {
        output_.write(text_.data(), static_cast<std::streamsize>(text_.size()));
        text_.clear();
        return check();
    }
    Status end() {
        ANNALS_CHECK(write());
        output_.flush();
        return check();
    }

  private:
    Status check() {
        if (output_) return ok();
        return Error(ErrorCode::kIoError, "the output takes no more: is the disk full?");
    }

    std::ostream& output_;
    std::string text_;
};

}  // namespace annals::interchange
