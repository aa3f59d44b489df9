// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/node/stopped_store.hpp"

#include <utility>
#include <vector>

#include "annals/index/index.hpp"
#include "annals/log/segment_log.hpp"
#include "annals/model/names.hpp"
#include "annals/namespaces/namespaces.hpp"
#include "annals/namespaces/registry.hpp"
#include "annals/node/node.hpp"
#include "annals/order_local/local_orderer.hpp"

namespace annals::node {
namespace {

constexpr std::string_view kSystem = "$system";
constexpr std::size_t kIndexMemoryBytes = 64u << 20u;

std::string in_part(const std::string& folder, StoppedStore::Part part) {
    return part == StoppedStore::Part::kEvents ? folder : folder + "/system";
}

Error not_found(std::string_view name_space, const std::string& directory) {
    return Error(
               ErrorCode::kNamespaceNotFound,
               "there is no namespace \"" + model::shown(name_space) + "\" in " + directory
    )
        .with("namespace", model::shown(name_space));
}

/// Opens all logs as a server does, without its doors, makes the namespace, closes them.
Status create_namespace(const std::string& directory, std::string_view name_space) {
    index::IndexMemory memory(kIndexMemoryBytes);
    namespaces::NamespacesOptions options;
    options.directory = directory;
    options.files = &log::disk_file_system();
    options.version = program_version();
    options.open_orderer =
        [&](const std::string&, const std::string& folder, namespaces::LogKind kind) {
            order_local::OrdererOptions orderer;
            orderer.log.has_tree = kind == namespaces::LogKind::kEvents;
            order_local::OpenReport report;
            return order_local::open_local_orderer(
                log::disk_file_system(), folder, orderer, memory, report
            );
        };
    ANNALS_TRY(const auto opened, namespaces::Namespaces::open(std::move(options)));
    const Result<api::NamespaceInfo> made = opened->create_namespace({}, name_space);
    Status closed = opened->close();
    // `default` came into being with the opening.
    if (!made && made.error().code() != ErrorCode::kNamespaceExists) return made.error();
    return closed;
}

}  // namespace

Result<StoppedStore> StoppedStore::open(std::string directory) {
    log::FileSystem& files = log::disk_file_system();
    ANNALS_CHECK(files.create_directories(directory));
    ANNALS_TRY(std::unique_ptr<log::DirectoryLock> lock, files.lock(directory));
    return StoppedStore(std::move(directory), std::move(lock));
}

Result<std::string> StoppedStore::find(std::string_view name_space, Part part) const {
    const std::string folder = directory_ + "/namespaces";
    const std::string system = folder + "/" + std::string(kSystem);
    if (name_space == kSystem) return in_part(system, part);
    log::FileSystem& files = log::disk_file_system();
    ANNALS_TRY(const bool is_there, files.exists(system + "/events"));
    if (!is_there) return not_found(name_space, directory_);
    log::LogOptions options;
    options.is_read_only = true;
    log::RecoveryReport report;
    ANNALS_TRY(const auto log, log::SegmentLog::open(files, system + "/events", options, report));
    ANNALS_TRY(const auto records, namespaces::read_namespaces(*log));
    for (const namespaces::NamespaceRecord& record : records) {
        if (record.name == name_space) return in_part(folder + "/" + record.folder(), part);
    }
    return not_found(name_space, directory_);
}

Result<std::string> StoppedStore::find_or_create(std::string_view name_space, Part part) const {
    Result<std::string> found = find(name_space, part);
    if (found || found.error().code() != ErrorCode::kNamespaceNotFound) return found;
    ANNALS_CHECK(create_namespace(directory_ + "/namespaces", name_space));
    return find(name_space, part);
}

}  // namespace annals::node
