// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "user_store.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "email.hpp"
#include "email_claims.hpp"
#include "refused.hpp"
#include "samples/health.hpp"

namespace users {
namespace {

constexpr const char* kTypesType = "contracts.eventstore.types.RegisterType";

std::string stream_of(const std::string& id) {
    return std::string(UserLife::kEntityType) + "-" + id;
}

/// The address that an event claims, and the one that it gives back; either may be empty.
struct Emails {
    std::string claimed;
    std::string released;
};

Emails emails_of(const UserLife::Event& event, const UserLife::State& before) {
    if (const auto* created = std::get_if<UserLife::Created>(&event)) {
        return {created->profile.email, ""};
    }
    if (const auto* updated = std::get_if<UserLife::Updated>(&event)) {
        if (!updated->change.email) return {};
        return {*updated->change.email, before.profile.email};
    }
    return {"", before.profile.email};
}

/// The time of one request, over all that it asks of the store.
class Patience {
  public:
    explicit Patience(std::chrono::milliseconds timeout)
        : end_(std::chrono::steady_clock::now() + timeout) {}

    /// The client for as long as is left; at least a moment, in which the store says why.
    [[nodiscard]] annals::Client what_is_left(const annals::Client& client) const {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            end_ - std::chrono::steady_clock::now()
        );
        return client.with_timeout(std::max(left, std::chrono::milliseconds(1)));
    }

  private:
    std::chrono::steady_clock::time_point end_;
};

}  // namespace

/// A user as folded from its stream.
struct UserStore::Loaded {
    UserLife::State state;
    std::optional<annals::Revision> revision;  ///< of its last event
    std::uint64_t profile_version = 0;         ///< that the profile has its form since

    [[nodiscard]] std::uint64_t version() const { return revision ? revision->value + 1 : 0; }

    void take(const UserLife::Event& event, annals::Revision at) {
        state = UserLife::evolve(std::move(state), event);
        if (state.stage == UserLife::Stage::kLive) profile_version = at.value + 1;
    }
};

UserStore UserStore::within(std::chrono::milliseconds time) const {
    return {client_, std::clamp(time, std::chrono::milliseconds(1), timeout_)};
}

UserStore::Loaded UserStore::load(const annals::Client& client, const UserAt& at) const {
    Loaded loaded;
    try {
        for (const annals::Event& stored :
             client.read_stream(stream_of(at.id), {.limit = at.version.value_or(0)})) {
            loaded.revision = stored.revision;
            if (auto event = annals::decode<UserLife>(stored)) loaded.take(*event, stored.revision);
        }
    } catch (const annals::Failure& failure) {
        if (failure.code() != annals::ErrorCode::kStreamNotFound) throw;
    }
    return loaded;
}

UserStore::Loaded UserStore::change(const UserAt& at, const UserLife::Command& command) const {
    Loaded now;
    const Patience patience(timeout_);
    client_.retry_on_conflict([&] {
        now = load(patience.what_is_left(client_), {at.id});
        const bool is_live = now.state.stage == UserLife::Stage::kLive;
        if (at.version && is_live && *at.version != now.version()) {
            throw Refused::changed(*at.version, now.version());
        }
        const auto events = UserLife::decide(command, now.state);
        if (events.empty()) return;
        const std::string stream = stream_of(at.id);
        annals::AppendOptions options;
        options.expected = now.revision ? annals::at(*now.revision) : annals::kNoStream;
        std::vector<annals::NewEvent> appended;
        for (const UserLife::Event& event : events) {
            annals::NewEvent made = annals::encode<UserLife>(event);
            if (std::holds_alternative<UserLife::Updated>(event)) {
                made.content_type = "application/merge-patch+json";
            }
            const Emails emails = emails_of(event, now.state);
            if (!emails.claimed.empty()) made.tags.push_back(email_tag(emails.claimed));
            if (!emails.released.empty()) {
                const std::string tag = email_tag(emails.released);
                if (made.tags.empty() || made.tags[0] != tag) made.tags.push_back(tag);
            }
            if (!emails.claimed.empty()) {
                const EmailClaims claims(patience.what_is_left(client_));
                options.checks.push_back(claims.claim(emails.claimed, stream));
            }
            appended.push_back(std::move(made));
        }
        const annals::Revision last = patience.what_is_left(client_)
                                          .append(stream, std::move(appended), options)
                                          .last_revision();
        for (const UserLife::Event& event : events) now.take(event, last);
        now.revision = last;
    });
    return now;
}

User UserStore::create(const Profile& profile) const {
    const std::string id = annals::make_uuid_v4().to_string();
    const Loaded made = change({id}, UserLife::Create{profile});
    return {id, made.version(), made.state.profile};
}

User UserStore::get(const UserAt& at, bool with_deleted) const {
    Loaded loaded = load(client_, at);
    if (loaded.state.stage == UserLife::Stage::kNone ||
        (at.version && *at.version != loaded.version())) {
        throw Refused(Reason::kNotFound, "not found");
    }
    if (loaded.state.stage == UserLife::Stage::kLive) {
        return {at.id, loaded.version(), std::move(loaded.state.profile)};
    }
    if (!with_deleted) throw Refused(Reason::kDeleted, "deleted");
    return {at.id, loaded.profile_version, std::move(loaded.state.profile)};
}

User UserStore::update(const UserAt& at, const ProfileChange& change) const {
    Loaded made = this->change(at, UserLife::Update{change});
    return {at.id, made.version(), std::move(made.state.profile)};
}

std::uint64_t UserStore::remove(const UserAt& at) const {
    return change(at, UserLife::Delete{}).version();
}

void UserStore::register_type() const {
    const nlohmann::json spec = {{"entityType", UserLife::kEntityType}};
    try {
        annals::Documents(client_, kTypesType).create(UserLife::kEntityType, spec.dump());
    } catch (const annals::Failure& failure) {
        if (failure.code() != annals::ErrorCode::kEntityExists) throw;
    }
}

void UserStore::probe() const { samples::probe(client_); }

}  // namespace users
