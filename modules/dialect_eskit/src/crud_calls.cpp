// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "crud_calls.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

#include "annals/base/clock.hpp"
#include "annals/base/uuid.hpp"
#include "annals/model/append.hpp"

#include "go_text.hpp"
#include "log_pages.hpp"
#include "naming.hpp"
#include "payload.hpp"
#include "translation.hpp"

namespace annals::dialect_eskit {
namespace {

namespace crudstore = contracts::crudstore;
using contracts::common::Originator;
using Life = CrudState::Life;

constexpr std::uint64_t kVersionMax = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kNsPerSecond = 1'000'000'000;
/// Of a list: entries that are looked at for each entity that is asked for, as in eskit.
constexpr std::uint64_t kEntriesPerEntity = 20;
constexpr std::uint32_t kUsualListLimit = 10;
constexpr std::uint32_t kScanPage = 500;
/// A list's answer ends here; the caller goes on from next_page_id.
constexpr std::size_t kEntityListBytesMax = 64u << 20u;

tl::unexpected<Refusal> internal(std::string_view prefix, const Error& error) {
    return refused(code::kInternal, std::string(prefix).append(error.message()));
}

/// What the server cannot do now keeps its own code; what it refuses is eskit's Internal.
tl::unexpected<Refusal> failed(std::string_view prefix, const Error& error) {
    const ErrorCode kind = error.code();
    const bool is_of_the_server = kind == ErrorCode::kOverloaded ||
                                  kind == ErrorCode::kUnavailable ||
                                  kind == ErrorCode::kDeadlineExceeded;
    const int grpc_code = is_of_the_server ? error.info().grpc_status : code::kInternal;
    return refused(grpc_code, std::string(prefix).append(error.message()));
}

/// A version of 32 bits, as eskit's column has it.
Result<std::uint64_t> parse_version(std::string_view text) {
    ANNALS_TRY(const std::uint64_t version, parse_uint(text));
    if (version <= kVersionMax) return version;
    return Error(
        ErrorCode::kInvalidArgument,
        "fetch : fetch : version " + quoted(text) + " is not a 32-bit integer"
    );
}

Originator originator_of(std::string_view id, std::uint64_t version) {
    Originator originator;
    originator.set_id(std::string(id));
    originator.set_version(std::to_string(version));
    return originator;
}

Error gave_up() {
    return {ErrorCode::kOverloaded, "too many writers of this originator: try again"};
}

/// Of the document that an update of a version makes; empty where `entities` folds to another one.
std::string hash_after(
    const CrudHistory& past,
    std::uint64_t version,
    std::string_view document,
    std::string_view patch
) {
    if (!past.folds_alike() || version < past.last_version()) return {};
    const auto after = patched(document, patch);
    return after ? hash_of_document(*after) : std::string();
}

/// Of the checks of an append.
constexpr std::uint32_t kCrudVersionCheck = 1;

/// The stream is as it was read: looking again finds nothing new.
bool is_version_alone(const Error& conflict) {
    const auto* details = conflict.details<model::ConflictDetails>();
    return details != nullptr && details->failed_checks.size() == 1 &&
           details->failed_checks.front().check_index == kCrudVersionCheck;
}

/// Ids of the entities that a scan met, in log order, without those deleted later in it.
class Scan {
  public:
    explicit Scan(std::uint32_t limit) : limit_(limit) {}

    void add(const contracts::eventstore::AppLogEntry& entry) {
        last_id_ = entry.id();
        const std::string& id = entry.event().originator().id();
        if (is_deletion(entry.event().event_type())) {
            if (known_.erase(id) != 0) std::erase(ids_, id);
        } else if (known_.insert(id).second) {
            ids_.push_back(id);
        }
    }
    [[nodiscard]] bool is_full() const { return ids_.size() >= limit_; }
    [[nodiscard]] const std::vector<std::string>& ids() const { return ids_; }
    /// Empty: nothing was scanned.
    [[nodiscard]] const std::string& last_id() const { return last_id_; }

  private:
    const std::uint32_t limit_;
    std::vector<std::string> ids_;
    std::unordered_set<std::string> known_;
    std::string last_id_;
};

}  // namespace

Result<CrudHistory> CrudCalls::history(
    const api::CallContext& context, std::string_view id, std::string_view entity_type
) {
    return CrudHistory::read(store_, context, key_of(id), entity_type);
}

Result<CrudCalls::Appended> CrudCalls::append(
    const api::CallContext& context, const CrudHistory& history, const Write& write
) {
    contracts::eventstore::Event event;
    *event.mutable_originator() = originator_of(write.id, write.version);
    event.set_event_type(std::string(write.entity_type).append(".").append(write.name));
    event.set_payload(std::string(write.payload));
    event.set_occured_on(system_clock().now().value / kNsPerSecond);
    ANNALS_TRY(CheckedEvent checked, check_event(std::move(event)));
    StoredForm form(checked);
    if (!write.document_hash.empty()) form.set_document_hash(write.document_hash);

    const FoundStream& found = history.stream();
    const std::string stream = found.stream.empty() ? stream_name(write.entity_type, checked.key)
                                                    : found.stream;
    model::AppendRequest request;
    request.stream = stream;
    request.events.push_back(form.event());
    const std::optional<Revision> last = history.last_revision();
    const auto expected = last ? model::ExpectedRevision::exactly(*last)
                               : model::ExpectedRevision::no_stream();
    request.checks.emplace_back(model::StreamCheck{stream, expected});
    const auto no_event_with = [](const std::string& tag, std::string_view after) {
        model::QueryCheck check;
        check.query.items.push_back({{}, {tag}});
        check.after = after;
        return check;
    };
    // The id may have events in another stream, or get its first one now.
    request.checks.emplace_back(no_event_with(form.version_tag(), ""));
    if (!found.has_tagged_events) {
        request.checks.emplace_back(no_event_with(form.originator_tag(), found.tag_read_upto));
    }
    const auto answer = store_.append_and_wait(context, request);
    if (answer) return Appended::kYes;
    if (answer.error().code() != ErrorCode::kConflict) return answer.error();
    return is_version_alone(answer.error()) ? Appended::kTaken : Appended::kLostRace;
}

Outcome<crudstore::CreateResponse> CrudCalls::create(
    const api::CallContext& context, const crudstore::CreateRequest& request
) {
    constexpr std::string_view kPrefix = "creation failed : ";
    if (request.entity_type().empty()) return invalid("missing entity type");
    if (request.payload().empty()) return invalid("missing payload");
    std::string id = request.originator().id();
    if (!request.has_originator()) id = make_uuid_v4().to_string();
    if (id.empty()) return invalid("missing originator id");
    std::uint64_t version = 1;
    if (!request.originator().version().empty()) {
        const auto given = parse_version(request.originator().version());
        if (!given) return internal(kPrefix, given.error());
        if (*given == 0) return invalid("creation failed : version must be at least 1");
        version = *given;
    }
    for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
        const auto past = history(context, id, request.entity_type());
        if (!past) return failed(kPrefix, past.error());
        if (!past->is_empty()) {
            // Its id is in use, unless it is deleted: then a version that is not makes it anew.
            const auto now = past->state(std::nullopt);
            const bool is_deleted = now && now->life == Life::kDeleted;
            if (!is_deleted || past->has_version(version)) {
                return refused(code::kAlreadyExists, "duplicate");
            }
        }
        const auto appended = append(
            context,
            *past,
            {id,
             request.entity_type(),
             "Created",
             version,
             request.payload(),
             hash_of_document(request.payload())}
        );
        if (!appended) return failed(kPrefix, appended.error());
        if (*appended == Appended::kTaken) return refused(code::kAlreadyExists, "duplicate");
        if (*appended == Appended::kLostRace) continue;
        crudstore::CreateResponse response;
        *response.mutable_originator() = originator_of(id, version);
        return response;
    }
    return failed(kPrefix, gave_up());
}

Outcome<crudstore::UpdateResponse> CrudCalls::update(
    const api::CallContext& context, const crudstore::UpdateRequest& request
) {
    constexpr std::string_view kPrefix = "update failed : ";
    if (!request.has_originator()) return invalid("missing originator");
    const std::string& id = request.originator().id();
    if (id.empty()) return invalid("missing originator id");
    if (request.originator().version().empty()) return invalid("missing originator version");
    const auto version = parse_version(request.originator().version());
    if (!version) return internal(kPrefix, version.error());
    for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
        const auto past = history(context, id, request.entity_type());
        if (!past) return failed(kPrefix, past.error());
        const auto then = past->state(*version);
        if (!then)
            return refused(
                code::kInternal, "update failed : patch creation failed : Invalid JSON Document"
            );
        if (then->life == Life::kAbsent)
            return refused(code::kInternal, "update failed : not found");
        if (then->life == Life::kDeleted)
            return refused(code::kInternal, "update failed : deleted");
        const auto patch = patch_between(then->payload, request.payload());
        if (!patch) return internal("update failed : patch creation failed : ", patch.error());
        const auto taken = refused(code::kAlreadyExists, "update failed old version : duplicate");
        if (past->has_version(*version + 1)) return taken;
        const auto appended = append(
            context,
            *past,
            {id,
             request.entity_type(),
             "Updated",
             *version + 1,
             *patch,
             hash_after(*past, *version, then->payload, *patch)}
        );
        if (!appended) return failed(kPrefix, appended.error());
        if (*appended == Appended::kTaken) return taken;
        if (*appended == Appended::kLostRace) continue;
        crudstore::UpdateResponse response;
        *response.mutable_originator() = originator_of(id, *version + 1);
        return response;
    }
    return failed(kPrefix, gave_up());
}

Outcome<crudstore::DeleteResponse> CrudCalls::remove(
    const api::CallContext& context, const crudstore::DeleteRequest& request
) {
    const std::string& id = request.originator().id();
    if (id.empty()) return invalid("missing originator id");
    if (request.entity_type().empty()) return invalid("missing entity type");
    std::optional<std::uint64_t> version;
    if (!request.originator().version().empty()) {
        const auto given = parse_version(request.originator().version());
        if (!given) return refused(code::kUnknown, std::string(given.error().message()));
        version = *given;
    }
    for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
        const auto past = history(context, id, request.entity_type());
        if (!past) return failed("", past.error());
        const auto then = past->state(version);
        if (!then) return refused(code::kUnknown, std::string(then.error().message()));
        if (then->life == Life::kAbsent) return refused(code::kUnknown, "not found");
        if (then->life == Life::kDeleted) return refused(code::kUnknown, "deleted");
        const std::uint64_t next = version.value_or(past->last_version()) + 1;
        const auto taken = refused(code::kAlreadyExists, "append : duplicate error : stored_event");
        if (past->has_version(next)) return taken;
        const auto appended = append(
            context, *past, {id, request.entity_type(), "Deleted", next, "{}", ""}
        );
        if (!appended) return failed("", appended.error());
        if (*appended == Appended::kTaken) return taken;
        if (*appended == Appended::kLostRace) continue;
        crudstore::DeleteResponse response;
        *response.mutable_originator() = originator_of(id, next);
        return response;
    }
    return failed("", gave_up());
}

Outcome<crudstore::GetResponse> CrudCalls::get(
    const api::CallContext& context, const crudstore::GetRequest& request
) {
    constexpr std::string_view kPrefix = "getting entity failed : ";
    const std::string& id = request.originator().id();
    if (id.empty()) return invalid("missing originator id");
    if (request.entity_type().empty()) return invalid("missing entity type");
    std::optional<std::uint64_t> version;
    if (!request.originator().version().empty()) {
        const auto given = parse_version(request.originator().version());
        if (!given) return internal(kPrefix, given.error());
        version = *given;
        if (version == 0) return refused(code::kNotFound, "not found: not found");
    }
    const auto past = history(context, id, request.entity_type());
    if (!past) return failed(kPrefix, past.error());
    const auto then = past->state(version);
    if (!then) return failed(kPrefix, then.error());
    if (then->life == Life::kAbsent) return refused(code::kNotFound, "not found: not found");
    if (then->life == Life::kDeleted && !request.deleted()) {
        return refused(code::kNotFound, "not found: deleted");
    }
    crudstore::GetResponse response;
    *response.mutable_originator() = originator_of(id, then->version);
    response.set_payload(then->payload);
    return response;
}

Outcome<crudstore::ListResponse> CrudCalls::list(
    const api::CallContext& context, const crudstore::ListRequest& request
) {
    if (request.entity_type().empty()) return invalid("missing entity type");
    const auto from = parse_from_id(request.pagination_id());
    if (!from) return invalid(std::string(from.error().message()));
    const std::uint32_t limit = std::min(
        request.limit() == 0 ? kUsualListLimit : request.limit(), kListMax
    );
    Scan scan(limit);
    std::uint64_t left = limit * kEntriesPerEntity;
    contracts::eventstore::AppLogRequest logs;
    logs.set_from_id(request.pagination_id());
    logs.set_pipeline_id(request.entity_type());
    while (left > 0 && !scan.is_full()) {
        logs.set_size(static_cast<std::uint32_t>(std::min<std::uint64_t>(left, kScanPage)));
        const auto page = read_log(store_, context, logs);
        if (!page) return failed("", page.error());
        if (page->results().empty()) break;
        for (const auto& entry : page->results()) {
            scan.add(entry);
            --left;
            if (scan.is_full()) break;
        }
        logs.set_from_id(std::to_string(*parse_uint(scan.last_id()) + 1));
    }
    crudstore::ListResponse response;
    if (!scan.last_id().empty()) response.set_next_page_id(logs.from_id());
    for (const std::string& id : scan.ids()) {
        if (response.ByteSizeLong() > kEntityListBytesMax) {
            return refused(code::kInternal, "the page holds more than 64 MiB: ask for less");
        }
        crudstore::GetRequest getting;
        getting.set_entity_type(request.entity_type());
        getting.mutable_originator()->set_id(id);
        auto got = get(context, getting);
        if (!got && got.error().code == code::kNotFound) continue;
        if (!got) return tl::unexpected<Refusal>(std::move(got.error()));
        crudstore::ListResponseItem* item = response.add_results();
        item->set_entity_type(request.entity_type());
        *item->mutable_originator() = std::move(*got->mutable_originator());
        if (!request.skip_payload()) item->set_payload(std::move(*got->mutable_payload()));
    }
    return response;
}

}  // namespace annals::dialect_eskit
