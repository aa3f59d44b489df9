// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>

#include "annals/base/result.hpp"
#include "annals/interchange/record_source.hpp"
#include "annals/log/file_system.hpp"

namespace annals::interchange {

/// What an export is, for a later run that wants to go on with it.
struct ExportPlan {
    std::string what;       ///< format and selection, the same text for the same
    std::string log_name;   ///< StoreSource::log_name()
    std::uint64_t end = 0;  ///< StoreSource::end()
    std::string cursor;     ///< behind which record the file ends; empty: at the start
};

/// The file that an export writes. Until it is whole it is called `FILE.part`, with
/// `FILE.part.state` beside it that says how far it came for sure; so a run that was killed is gone
/// on with, and nobody takes half a file for a whole one. Packed where the name ends in .gz or
/// .zst: each mark ends a member or a frame. One thread.
class ExportFile {
  public:
    ExportFile() = default;
    ExportFile(const ExportFile&) = delete;
    ExportFile& operator=(const ExportFile&) = delete;
    virtual ~ExportFile() = default;

    /// What an earlier run of this file left, or a plan without a cursor. `what` alone is compared:
    /// `why_not` says in words why a half file that is there is of no use, empty otherwise.
    static Result<ExportPlan> find_plan(
        log::FileSystem& files,
        const std::string& path,
        const std::string& what,
        std::string& why_not
    );

    /// With a cursor in the plan: cut to where the state says, to be written on; otherwise empty.
    /// not_empty when FILE is there and may not be replaced.
    static Result<std::unique_ptr<ExportFile>> open(
        log::FileSystem& files, const std::string& path, const ExportPlan& plan, bool may_replace
    );

    [[nodiscard]] virtual std::ostream& stream() = 0;
    /// Makes what was written durable and writes down that it ends behind the source's last record,
    /// where the source can go on from there and enough was written since the last time to be worth
    /// it.
    virtual Status mark(const RecordSource& source) = 0;
    /// The file is whole: it gets its name.
    virtual Status finish() = 0;
    /// The export failed. True: a part of it is safe, and the same export goes on there. Otherwise
    /// nobody could use what was written, and nothing of it is left.
    virtual Result<bool> abandon() = 0;
};

}  // namespace annals::interchange
