// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "rejects_file.hpp"

namespace annals::cli {

void RejectsFile::add(std::string_view raw) {
    if (!file_.is_open() && !has_failed_) {
        file_.open(path_, std::ios::binary | std::ios::trunc);
        has_failed_ = !file_;
        if (!has_failed_) file_ << source_.rejects_frame().head;
    }
    if (!has_failed_) file_ << raw << '\n';
}

bool RejectsFile::finish() {
    if (file_.is_open()) {
        file_ << source_.rejects_frame().tail;
        has_failed_ = has_failed_ || file_.flush().fail();
        file_.close();
    }
    return !has_failed_;
}

}  // namespace annals::cli
