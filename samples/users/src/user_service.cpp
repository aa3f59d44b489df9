// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "user_service.hpp"

#include <algorithm>
#include <utility>

#include <spdlog/spdlog.h>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "refused.hpp"
#include "samples/store_failure.hpp"

namespace users {
namespace {

namespace proto = contracts::users;
using contracts::common::Originator;
using grpc::StatusCode;

/// The contract's texts of a method; "" where it has none for the case.
struct Texts {
    const char* name;
    const char* not_found = "";
    const char* deleted = "";
    const char* changed = "";
    const char* failed = "";  ///< before what the store says
};
constexpr Texts kHealtz{"Healtz"};
constexpr Texts kCreate{.name = "Create", .failed = "creation failed : "};
constexpr Texts kGet{
    .name = "Get",
    .not_found = "not found: not found",
    .deleted = "not found: deleted",
    .failed = "getting entity failed : "
};
constexpr Texts kUpdate{
    .name = "Update",
    .not_found = "update failed : not found",
    .deleted = "update failed : deleted",
    .changed = "update failed old version : duplicate",
    .failed = "update failed : "
};
constexpr Texts kDelete{
    .name = "Delete",
    .not_found = "not found",
    .deleted = "deleted",
    .changed = "append : duplicate error : stored_event",
};

/// Names of codes as grpc-go has them in its metrics.
const char* name_of_code(StatusCode code) {
    switch (code) {
        case StatusCode::OK:
            return "OK";
        case StatusCode::INVALID_ARGUMENT:
            return "InvalidArgument";
        case StatusCode::NOT_FOUND:
            return "NotFound";
        case StatusCode::ALREADY_EXISTS:
            return "AlreadyExists";
        case StatusCode::UNAVAILABLE:
            return "Unavailable";
        default:
            return "Internal";
    }
}

/// A status with google.rpc details: clients tell by `reason` what shares a code.
grpc::Status status_of(
    StatusCode code,
    const std::string& text,
    const std::string& reason,
    const std::map<std::string, std::string>& metadata = {}
) {
    google::rpc::ErrorInfo info;
    info.set_reason(reason);
    info.set_domain("annals-users");
    info.mutable_metadata()->insert(metadata.begin(), metadata.end());
    google::rpc::Status details;
    details.set_code(code);
    details.set_message(text);
    details.add_details()->PackFrom(info);
    return {code, text, details.SerializeAsString()};
}

grpc::Status status_of(const Refused& refused, const Texts& texts) {
    std::map<std::string, std::string> metadata;
    if (const auto current = refused.current_version()) {
        metadata["current_version"] = std::to_string(*current);
    }
    const auto made = [&](StatusCode code, const std::string& text) {
        return status_of(code, text, name_of(refused.reason()), metadata);
    };
    switch (refused.reason()) {
        case Reason::kInvalid:
            return made(StatusCode::INVALID_ARGUMENT, refused.message());
        case Reason::kNotFound:
            return made(StatusCode::NOT_FOUND, texts.not_found);
        case Reason::kDeleted:
            return made(StatusCode::NOT_FOUND, texts.deleted);
        case Reason::kChanged:
            return made(StatusCode::ALREADY_EXISTS, texts.changed);
        case Reason::kEmailTaken:
            break;
    }
    return made(StatusCode::ALREADY_EXISTS, refused.message());
}

grpc::Status status_of(const annals::Failure& failure, const Texts& texts) {
    const std::string text = texts.failed + std::string(failure.message());
    switch (samples::trouble_of(failure)) {
        case samples::StoreTrouble::kAway:
            return status_of(StatusCode::UNAVAILABLE, text, "unavailable");
        case samples::StoreTrouble::kRefused:
            return status_of(StatusCode::INVALID_ARGUMENT, text, "invalid_request");
        case samples::StoreTrouble::kBroken:
            break;
    }
    spdlog::error("{}: the store: {}", texts.name, failure.what());
    return status_of(
        StatusCode::INTERNAL, std::string(texts.failed) + "the store failed", "internal_error"
    );
}

/// Runs a call, and tells what it throws and how long it took.
template <typename Call>
grpc::Status answered(Figures& figures, const Texts& texts, const Call& call) {
    const auto begun = std::chrono::steady_clock::now();
    figures.grpc_started(texts.name);
    grpc::Status status;
    try {
        call();
    } catch (const Refused& refused) {
        status = status_of(refused, texts);
    } catch (const annals::Failure& failure) {
        status = status_of(failure, texts);
    } catch (const std::exception& error) {
        spdlog::error("{}: {}", texts.name, error.what());
        status = status_of(
            StatusCode::INTERNAL, std::string(texts.failed) + "the service failed", "internal_error"
        );
    }
    figures.grpc_handled(
        texts.name, name_of_code(status.error_code()), std::chrono::steady_clock::now() - begun
    );
    return status;
}

/// The users, for as long as the caller waits and not longer.
UserStore within(const UserStore& users, const grpc::ServerContext& context) {
    // far off: the caller named no deadline, and the difference may be more than the type holds
    const auto deadline = std::min(
        context.deadline(), std::chrono::system_clock::now() + std::chrono::hours(1)
    );
    return users.within(std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::system_clock::now()
    ));
}

UserAt user_at(const Originator& originator) {
    if (originator.id().empty()) throw Refused(Reason::kInvalid, "missing originator id");
    return {originator.id(), parse_version(originator.version())};
}

void fill(proto::User& message, const User& user) {
    message.mutable_originator()->set_id(user.id);
    message.mutable_originator()->set_version(std::to_string(user.version));
    message.set_email(user.profile.email);
    message.set_first_name(user.profile.first_name);
    message.set_last_name(user.profile.last_name);
    message.set_active(user.profile.active);
    for (const std::string& workspace : user.profile.workspaces) message.add_workspaces(workspace);
}

std::optional<std::string> unless_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

grpc::Status UserService::
    Healtz(grpc::ServerContext*, const proto::HealthRequest*, proto::HealthResponse*) {
    return answered(figures_, kHealtz, [&] { users_.probe(); });
}

grpc::Status UserService::Create(
    grpc::ServerContext* context,
    const proto::CreateRequest* request,
    proto::CreateResponse* response
) {
    return answered(figures_, kCreate, [&] {
        const User user =
            within(users_, *context)
                .create({request->email(), request->first_name(), request->last_name(), true, {}});
        fill(*response->mutable_user(), user);
    });
}

grpc::Status UserService::Get(
    grpc::ServerContext* context, const proto::GetRequest* request, proto::GetResponse* response
) {
    return answered(figures_, kGet, [&] {
        const UserAt at = user_at(request->originator());
        fill(*response->mutable_user(), within(users_, *context).get(at, request->fetch_deleted()));
    });
}

grpc::Status UserService::Update(
    grpc::ServerContext* context,
    const proto::UpdateRequest* request,
    proto::UpdateResponse* response
) {
    return answered(figures_, kUpdate, [&] {
        if (!request->has_originator()) throw Refused(Reason::kInvalid, "missing originator");
        const UserAt at = user_at(request->originator());
        ProfileChange change{
            .email = unless_empty(request->email()),
            .first_name = unless_empty(request->first_name()),
            .last_name = unless_empty(request->last_name()),
            .active = request->active(),
        };
        // proto3 cannot tell no list from an empty one: empty keeps, as an empty text does
        if (request->workspaces_size() > 0) {
            change.workspaces.emplace(request->workspaces().begin(), request->workspaces().end());
        }
        fill(*response->mutable_user(), within(users_, *context).update(at, change));
    });
}

grpc::Status UserService::Delete(
    grpc::ServerContext* context,
    const proto::DeleteRequest* request,
    proto::DeleteResponse* response
) {
    return answered(figures_, kDelete, [&] {
        const UserAt at = user_at(request->originator());
        const std::uint64_t version = within(users_, *context).remove(at);
        response->mutable_originator()->set_id(at.id);
        response->mutable_originator()->set_version(std::to_string(version));
    });
}

}  // namespace users
