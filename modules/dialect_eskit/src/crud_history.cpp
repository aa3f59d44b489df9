// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "crud_history.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "annals/codec/text.hpp"
#include "annals/documents/document_text.hpp"
#include "annals/documents/patch.hpp"

#include "naming.hpp"
#include "payload.hpp"
#include "translation.hpp"

namespace annals::dialect_eskit {
namespace {

constexpr std::uint32_t kHistoryPage = 1'000;

enum class Step : std::uint8_t { kOther, kCreated, kUpdated, kDeleted };

bool is_word(std::string_view name, std::string_view lower_case_word) {
    return std::equal(
        name.begin(),
        name.end(),
        lower_case_word.begin(),
        lower_case_word.end(),
        [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; }
    );
}

/// By the last part of the type, in whatever case.
Step step_of(std::string_view event_type) {
    const std::string_view name = event_name_of(event_type);
    if (is_word(name, "created")) return Step::kCreated;
    if (is_word(name, "updated")) return Step::kUpdated;
    if (is_word(name, "deleted")) return Step::kDeleted;
    return Step::kOther;
}

/// As `entities` reads it.
Step exact_step_of(std::string_view event_type) {
    const std::string_view name = event_name_of(event_type);
    if (name == "Created") return Step::kCreated;
    if (name == "Updated") return Step::kUpdated;
    if (name == "Deleted") return Step::kDeleted;
    return Step::kOther;
}

/// What the entity store writes where a null member is set, which a merge patch cannot say, and
/// where old events go: then the whole document, for which nothing need be known (docs/adr/0020).
Result<std::string> patched_by_operations(
    const std::optional<std::string>& document, std::string_view patch
) {
    ANNALS_TRY(auto body, documents::parse_document(patch));
    const documents::Patch operations{documents::PatchFormat::kJson, std::move(body)};
    if (const documents::Value* whole = documents::replaced_by(operations)) {
        return documents::to_text(*whole);
    }
    if (!document) return std::string();
    ANNALS_TRY(auto before, documents::parse_document(*document));
    ANNALS_TRY(const auto after, documents::apply(operations, std::move(before)));
    return documents::to_text(after);
}

}  // namespace

bool is_deletion(std::string_view event_type) { return step_of(event_type) == Step::kDeleted; }

Result<CrudHistory> CrudHistory::read(
    api::EventStore& store,
    const api::CallContext& context,
    std::string_view key,
    std::string_view entity_type
) {
    CrudHistory history;
    ANNALS_TRY(history.found_, find_stream(store, context, key, entity_type));
    if (history.found_.stream.empty()) return history;
    api::ReadRequest request;
    request.stream = history.found_.stream;
    request.limit = kHistoryPage;
    while (true) {
        auto page = store.read(context, request);
        if (page && page->first_revision) history.hidden_ = page->first_revision->value;
        // Deleted meanwhile, as a stream: there is nothing.
        if (!page && page.error().code() == ErrorCode::kStreamNotFound) break;
        if (!page) return std::move(page).take_error();
        ANNALS_CHECK(history.add_page(*page));
        if (page->is_end || page->next.empty()) break;
        request.start = api::AfterToken{page->next};
    }
    std::sort(history.events_.begin(), history.events_.end(), [](const Event& a, const Event& b) {
        return std::tie(a.version, a.position) < std::tie(b.version, b.position);
    });
    return history;
}

Status CrudHistory::add_page(const api::ReadPage& page) {
    return page.events.for_each([&](const model::RecordedEvent& event) -> Status {
        bytes_ += event.data.size();
        if (bytes_ > kBytesMax) {
            return Error(ErrorCode::kLimitExceeded, "the entity's events hold more than 256 MiB");
        }
        last_revision_ = event.revision;
        note_order(event);
        events_.push_back(
            {version_of(event),
             event.position,
             std::string(event_type_of(event)),
             event.content_type == documents::kJsonPatchType,
             codec::is_utf8(event.data) ? std::string(event.data) : codec::base64url(event.data)}
        );
        return ok();
    });
}

void CrudHistory::note_order(const model::RecordedEvent& event) {
    const Step step = step_of(event_type_of(event));
    const std::uint64_t version = version_of(event);
    const bool is_like = step == exact_step_of(event.type) && version > version_max_;
    version_max_ = std::max(version_max_, version);
    if (step == Step::kCreated && is_like) {
        // Nothing of before matters, for either.
        folds_alike_ = true;
        return;
    }
    // state() begins with the very first event, whatever its name.
    const bool is_first = events_.empty() && hidden_ == 0;
    if (!is_like || is_first) folds_alike_ = false;
}

Result<CrudState> CrudHistory::state(std::optional<std::uint64_t> version) const {
    auto end = events_.end();
    if (version) {
        end = std::find_if(events_.begin(), end, [&](const Event& event) {
            return event.version > *version;
        });
        const auto up_to_it = static_cast<std::uint64_t>(end - events_.begin());
        if (up_to_it + hidden_ < *version) return CrudState();
    }
    CrudState state;
    // Nothing: what the first event that is shown changes is not shown.
    std::optional<std::string> payload;
    for (auto event = events_.begin(); event != end; ++event) {
        const Step step = step_of(event->type);
        const bool is_first = event == events_.begin() && hidden_ == 0;
        if (step == Step::kDeleted && !is_first) {
            state.life = CrudState::Life::kDeleted;
            continue;
        }
        state.version = event->version;
        if (is_first || step == Step::kCreated) {
            payload = event->payload;
        } else if (step == Step::kUpdated && event->is_json_patch) {
            ANNALS_TRY(std::string after, patched_by_operations(payload, event->payload));
            if (!after.empty()) payload = std::move(after);
        } else if (step == Step::kUpdated) {
            if (payload) {
                ANNALS_TRY(payload, patched(*payload, event->payload));
            }
        } else {
            continue;
        }
        state.life = CrudState::Life::kLive;
    }
    if (!payload && state.life == CrudState::Life::kLive) {
        return Error(
            ErrorCode::kEntityUnreadable,
            found_.stream +
                " cannot be folded: what its events change is hidden by truncation or "
                "retention: show them again"
        );
    }
    state.payload = std::move(payload).value_or("");
    return state;
}

bool CrudHistory::has_version(std::uint64_t version) const {
    return std::any_of(events_.begin(), events_.end(), [&](const Event& event) {
        return event.version == version;
    });
}

std::uint64_t CrudHistory::last_version() const {
    return events_.empty() ? 0 : events_.back().version;
}

}  // namespace annals::dialect_eskit
