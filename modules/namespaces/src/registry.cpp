// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/namespaces/registry.hpp"

#include <future>
#include <memory>

#include "annals/model/names.hpp"

namespace annals::namespaces {
namespace {

constexpr std::string_view kStream = "$namespaces";
constexpr std::string_view kCreated = "$namespace-created";
constexpr std::string_view kOpened = "$namespace-opened";
constexpr std::string_view kDeleted = "$namespace-deleted";
constexpr std::string_view kTagPrefix = "namespace:";

Error not_found(std::string_view name) {
    return Error(
               ErrorCode::kNamespaceNotFound,
               "there is no namespace \"" + model::shown(name) +
                   "\": create it first, or check the name"
    )
        .with("namespace", model::shown(name));
}

using Records = std::map<std::string, NamespaceRecord, std::less<>>;

/// One step of the fold.
Status apply(
    const log::StoredEvent& stored, Records& records, std::vector<std::string>* deleted_folders
) {
    model::RecordedEvent event;
    ANNALS_CHECK(model::decode_event_fields(stored.envelope, event));
    if (event.stream != kStream) return ok();
    if (event.tags.empty() || !event.tags.front().starts_with(kTagPrefix)) return ok();
    const std::string name(event.tags.front().substr(kTagPrefix.size()));
    if (event.type == kCreated) {
        const NamespaceRecord record{name, stored.recorded_time, stored.position, false};
        records.insert_or_assign(name, record);
    } else if (event.type == kOpened) {
        const auto found = records.find(name);
        if (found != records.end()) found->second.has_folder = true;
    } else if (event.type == kDeleted) {
        const auto found = records.find(name);
        if (found == records.end()) return ok();
        if (deleted_folders != nullptr) deleted_folders->push_back(found->second.folder());
        records.erase(found);
    }
    return ok();
}

/// A damaged record costs its namespace, whose folder is then an unknown one and left alone; it
/// must not keep the others from being read.
bool is_lost(const Result<log::StoredEvent>& stored) {
    return !stored && stored.error().code() == ErrorCode::kDataLoss;
}

}  // namespace

Result<std::unique_ptr<Registry>> Registry::load(commit::Orderer& system_log) {
    std::unique_ptr<Registry> registry(new Registry(system_log));
    ANNALS_CHECK(registry->fold());
    return registry;
}

Status Registry::fold() {
    std::vector<Position> positions;
    constexpr std::size_t kAll = static_cast<std::size_t>(-1);
    ANNALS_CHECK(system_log_.index().stream_positions(
        kStream, Revision(0), index::Direction::kForwards, kAll, positions
    ));
    log::LogReader reader = system_log_.log().reader();
    for (const Position position : positions) {
        const Result<log::StoredEvent> stored = reader.at(position);
        if (is_lost(stored)) continue;
        if (!stored) return stored.error();
        ANNALS_CHECK(apply(*stored, records_, &deleted_folders_));
    }
    return ok();
}

Result<std::vector<NamespaceRecord>> read_namespaces(const log::SegmentLog& system_log) {
    Records records;
    log::LogReader reader = system_log.reader();
    for (Position at(1); at <= system_log.durable_end(); ++at) {
        const Result<log::StoredEvent> stored = reader.at(at);
        if (is_lost(stored)) continue;
        if (!stored) return stored.error();
        ANNALS_CHECK(apply(*stored, records, nullptr));
    }
    std::vector<NamespaceRecord> all;
    all.reserve(records.size());
    for (auto& [name, record] : records) all.push_back(std::move(record));
    return all;
}

Result<model::AppendResult> Registry::append(std::string_view type, std::string_view name) {
    const std::string tag = std::string(kTagPrefix) + std::string(name);
    const std::string data = "{\"namespace\":\"" + std::string(name) +
                             "\"}";  // the name needs no escapes
    model::NewEvent event;
    event.stream = kStream;
    event.type = type;
    event.tags = {tag};
    event.data = data;
    model::AppendRequest request;
    request.events.push_back(event);
    std::promise<Result<model::AppendResult>> answer;
    std::future<Result<model::AppendResult>> answered = answer.get_future();
    system_log_.submit({}, request, [&](Result<model::AppendResult> result) {
        answer.set_value(std::move(result));
    });
    return answered.get();
}

Result<NamespaceRecord> Registry::create(std::string_view name) {
    ANNALS_CHECK(model::check_namespace_name(name));
    const std::lock_guard one_change(change_);
    {
        const std::lock_guard lock(mutex_);
        if (records_.contains(name)) {
            return Error(
                       ErrorCode::kNamespaceExists,
                       "there is a namespace \"" + std::string(name) +
                           "\" already: choose another name"
            )
                .with("namespace", name);
        }
    }
    ANNALS_TRY(const model::AppendResult appended, append(kCreated, name));
    NamespaceRecord record{
        std::string(name), appended.recorded_time, appended.first_position, false
    };
    const std::lock_guard lock(mutex_);
    records_.insert_or_assign(record.name, record);
    return record;
}

Status Registry::note_folder(const NamespaceRecord& record) {
    const std::lock_guard one_change(change_);
    ANNALS_TRY(const NamespaceRecord known, find(record.name));
    if (known.has_folder || known.folder() != record.folder()) return ok();
    ANNALS_CHECK(append(kOpened, record.name));
    const std::lock_guard lock(mutex_);
    records_.find(record.name)->second.has_folder = true;
    return ok();
}

Result<NamespaceRecord> Registry::remove(std::string_view name) {
    const std::lock_guard one_change(change_);
    ANNALS_TRY(NamespaceRecord record, find(name));
    ANNALS_CHECK(append(kDeleted, name));
    const std::lock_guard lock(mutex_);
    records_.erase(record.name);
    return record;
}

Result<NamespaceRecord> Registry::find(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(name);
    if (found == records_.end()) return not_found(name);
    return found->second;
}

std::vector<NamespaceRecord> Registry::list() const {
    const std::lock_guard lock(mutex_);
    std::vector<NamespaceRecord> all;
    all.reserve(records_.size());
    for (const auto& [name, record] : records_) all.push_back(record);
    return all;
}

}  // namespace annals::namespaces
