// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <memory>
#include <string>

#include "annals/base/clock.hpp"
#include "annals/base/result.hpp"
#include "annals/interchange/record_sink.hpp"
#include "annals/log/file_system.hpp"
#include "annals/log/segment_log.hpp"

namespace annals::interchange {

struct RestoreOptions {
    log::LogOptions log;
    const Clock* clock = nullptr;  ///< null: the machine's
};

/// Makes the log of `directory`/events of records that are the whole history of one log: positions
/// from 1 without a gap, revisions of each stream from 0 without a gap, recorded times that never
/// fall and are not to come, the records of one append together where there are notes of appends.
/// Anything else is not_restorable, with what was expected.
///
/// All or nothing: the log grows in `events.restoring` and takes the place of the empty one at
/// end(), when it is durable; what a run that was killed left there is thrown away by the next one.
/// The index beside it goes, too: the next start makes it again. The log gets an id of its own:
/// position tokens of the old one are not valid here.
///
/// Records of removed events become stubs or removed ranges again: at end() the segments are
/// written once more without them.
///
/// No server may have the folder open. Memory: a group of 1 MiB, an append, 24 bytes a stream, and
/// a bit an event.
class LogRestorer : public RecordSink {
  public:
    /// begin() answers not_empty when there are events in the log already.
    static Result<std::unique_ptr<LogRestorer>> open(
        log::FileSystem& files, const std::string& directory, const RestoreOptions& options
    );
};

}  // namespace annals::interchange
