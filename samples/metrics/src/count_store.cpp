// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "count_store.hpp"

#include <utility>

namespace metrics {
namespace {

constexpr const char* kEntityType = "metrics-totals";

}  // namespace

CountStore::CountStore(
    const annals::Client& client,
    std::string name_space,
    const std::string& consumer,
    const std::string& counted
)
    : client_(client),
      name_space_(std::move(name_space)),
      id_(counted + "." + consumer),
      documents_(client.in_namespace(name_space_), kEntityType) {}

std::optional<annals::Document> CountStore::stored() {
    try {
        return documents_.get(id_);
    } catch (const annals::Failure& failure) {
        if (failure.code() != annals::ErrorCode::kEntityNotFound) throw;
        return std::nullopt;
    }
}

Count CountStore::load() {
    try {
        client_.create_namespace(name_space_);
    } catch (const annals::Failure& failure) {
        if (failure.code() != annals::ErrorCode::kNamespaceExists) throw;
    }
    const auto document = stored();
    if (!document) return {};
    revision_ = document->revision;
    return Count::from_json(nlohmann::json::parse(document->json));
}

bool CountStore::save(const Count& count) {
    const std::string json = count.to_json().dump();
    try {
        revision_ = revision_ ? documents_.replace(id_, json, {.expected = revision_}).revision
                              : documents_.create(id_, json).revision;
        is_log_another_ = false;
        return true;
    } catch (const annals::Failure& failure) {
        const bool others_saved = failure.code() == annals::ErrorCode::kConflict ||
                                  failure.code() == annals::ErrorCode::kEntityExists;
        if (!others_saved) throw;
    }
    const auto document = stored();
    revision_ = document ? std::optional(document->revision) : std::nullopt;
    if (!document) return false;
    const Count theirs = Count::from_json(nlohmann::json::parse(document->json));
    return theirs.last >= count.last && !is_log_another_;
}

}  // namespace metrics
