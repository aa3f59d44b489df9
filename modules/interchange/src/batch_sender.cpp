// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "batch_sender.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "annals/base/clock.hpp"
#include "annals/json_events/event_json.hpp"

namespace annals::interchange {
namespace {

/// Errors that one event brings upon its append.
bool is_row_to_blame(ErrorCode code) {
    switch (code) {
        case ErrorCode::kInvalidArgument:
        case ErrorCode::kLimitExceeded:
        case ErrorCode::kIdConflict:
        case ErrorCode::kErased:
        case ErrorCode::kNotPermitted:
        case ErrorCode::kStreamDeleted:
            return true;
        default:
            return false;
    }
}

bool is_worth_asking_again(const Error& error) {
    return error.info().retry == "later" || error.code() == ErrorCode::kDeadlineExceeded;
}

/// Where the source is no text, the event as a line of NDJSON.
std::string raw_of(const PreparedRow& row) {
    std::string raw(row.raw);
    if (raw.empty()) json_events::append_new_event(raw, row.event);
    return raw;
}

constexpr std::int64_t kPauseMsMin = 50;
constexpr std::int64_t kPauseMsMax = 2'000;

}  // namespace

BatchSender::~BatchSender() {
    if (under_way_) under_way_->wait();
}

void BatchSender::send(const AppendBatch& batch) {
    sent_ = batch.rows;
    under_way_ = start(sent_);
}

Status BatchSender::settle() {
    if (!under_way_) return ok();
    std::future<Answer> answer = std::move(*under_way_);
    under_way_.reset();
    return settle_rows(sent_, answer.get());
}

std::future<BatchSender::Answer> BatchSender::start(Rows rows) {
    model::AppendRequest request;
    request.events.reserve(rows.size());
    for (const PreparedRow& row : rows) request.events.push_back(row.event);
    auto promise = std::make_shared<std::promise<Answer>>();  // std::function copies
    std::future<Answer> answer = promise->get_future();
    store_.append(context_, request, [promise](Answer result) {
        promise->set_value(std::move(result));
    });
    return answer;
}

/// Sends the same rows again, with growing pauses, while the server is away.
BatchSender::Answer BatchSender::ask_again(Rows rows, Answer answer) {
    const std::int64_t give_up_ns = system_clock().monotonic_ns() +
                                    options_.patience_ms * 1'000'000;
    std::int64_t pause_ms = kPauseMsMin;
    while (!answer && is_worth_asking_again(answer.error()) && !observer_.is_cancelled() &&
           system_clock().monotonic_ns() < give_up_ns) {
        observer_.on_waiting(answer.error());
        std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
        pause_ms = std::min(pause_ms * 2, kPauseMsMax);
        answer = start(rows).get();
    }
    return answer;
}

Status BatchSender::settle_rows(Rows rows, Answer first_answer) {
    Answer answer = ask_again(rows, std::move(first_answer));
    if (answer) {
        (answer->is_replay ? report_.already_there : report_.added) += rows.size();
        report_.position = std::move(answer->position);
        return ok();
    }
    if (answer.error().code() == ErrorCode::kIdConflict) return settle_others(rows, answer.error());
    if (!is_row_to_blame(answer.error().code())) return std::move(answer).take_error();
    if (rows.size() > 1) return settle_halves(rows);
    reject(rows.front(), answer.error());
    return ok();
}

Status BatchSender::settle_halves(Rows rows) {
    const std::size_t half = rows.size() / 2;
    ANNALS_CHECK(settle_rows(rows.first(half), start(rows.first(half)).get()));
    return settle_rows(rows.subspan(half), start(rows.subspan(half)).get());
}

/// Some of the rows are stored already, in other appends than this one: an earlier run was stopped,
/// or the source has grown since. The others follow without them. Where none is, an id has other
/// content: the row is to be found.
Status BatchSender::settle_others(Rows rows, const Error& conflict) {
    std::vector<PreparedRow> others;
    for (const PreparedRow& row : rows) {
        if (!is_stored(row)) others.push_back(row);
    }
    report_.already_there += rows.size() - others.size();
    if (others.empty()) return ok();
    if (others.size() < rows.size()) return settle_rows(others, start(others).get());
    if (rows.size() > 1) return settle_halves(rows);
    reject(rows.front(), conflict);
    return ok();
}

/// Whether the stream holds the event with this id and this content. A store that cannot tell is
/// taken at its word: the id is in conflict.
bool BatchSender::is_stored(const PreparedRow& row) {
    const Result<api::ReadPage> page = store_.get_event(context_, row.event.id);
    if (!page) return false;
    const std::uint64_t wanted = model::fingerprint(row.event);
    bool is_found = false;
    const Status read = page->events.for_each([&](const model::RecordedEvent& event) {
        const bool is_same = event.stream == row.event.stream;
        is_found = is_found || (is_same && model::fingerprint(event) == wanted);
        return ok();
    });
    return read && is_found;
}

void BatchSender::reject(const PreparedRow& row, const Error& error) {
    ++report_.rejected;
    const std::string raw = raw_of(row);
    observer_.on_rejected({row.line, row.number, raw, error});
}

}  // namespace annals::interchange
