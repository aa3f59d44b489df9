// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/load_kit/profile.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>
#include <system_error>
#include <utility>

#include "annals/config/values.hpp"

#include "profile_table.hpp"

namespace annals::load_kit {
namespace {

using detail::profile_fault;
using detail::ProfileTable;

const std::vector<std::string> kKeyDistributions{"uniform", "zipf", "latest", "sequential"};
const std::vector<std::string> kSizeDistributions{"fixed", "uniform", "lognormal"};
const std::vector<std::string> kExpecting{"any", "no-stream", "exact"};
const std::vector<std::string> kDirections{"forwards", "backwards"};
const std::vector<std::string> kStrategies{"per_key", "round_robin", "dispatch_to_one", "pinned"};

/// Every key of an actor, so that one that applies to others only can be told from a typing error.
const std::vector<std::string> kActorKeys{
    "name",
    "does",
    "count",
    "in_flight",
    "rate",
    "operations",
    "after",
    "delay",
    "category",
    "types",
    "field",
    "keys",
    "size",
    "batch",
    "direction",
    "expected",
    "group",
    "strategy"
};

template <typename Enumeration>
void read_word(
    ProfileTable& reader,
    std::string_view key,
    Enumeration& value,
    const std::vector<std::string>& words
) {
    auto index = static_cast<std::size_t>(value);
    reader.word(key, index, words);
    value = static_cast<Enumeration>(index);
}

Status read_keys(
    const toml::table& table, const std::string& prefix, const std::string& origin, Keys& keys
) {
    ProfileTable reader(table, prefix, origin);
    read_word(reader, "distribution", keys.distribution, kKeyDistributions);
    reader.number("count", keys.count, 1, Bounds::kKeysMax);
    const bool is_skewed = keys.distribution == KeyDistribution::kZipf ||
                           keys.distribution == KeyDistribution::kLatest;
    if (is_skewed) reader.real("skew", keys.skew, 0.01, 10);
    return reader.finish("these keys: only zipf and latest have a skew", {"skew"});
}

Status read_size(
    const toml::table& table, const std::string& prefix, const std::string& origin, Size& size
) {
    ProfileTable reader(table, prefix, origin);
    read_word(reader, "distribution", size.distribution, kSizeDistributions);
    if (size.distribution != SizeDistribution::kUniform) {
        reader.number("bytes", size.bytes, Bounds::kSizeMin, Bounds::kSizeMax);
    }
    if (size.distribution != SizeDistribution::kFixed) {
        reader.number("min", size.min, Bounds::kSizeMin, Bounds::kSizeMax);
        reader.number("max", size.max, Bounds::kSizeMin, Bounds::kSizeMax);
        if (size.min > size.max) {
            reader.fail(
                "max",
                "must not be below min (" + std::to_string(size.min) + "): raise it, or lower min"
            );
        }
    }
    if (size.distribution == SizeDistribution::kLognormal) {
        reader.real("sigma", size.sigma, 0, 5);
    }
    return reader.finish("sizes of this distribution", {"bytes", "min", "max", "sigma"});
}

bool writes(Does does) {
    return does == Does::kAppend || does == Does::kCrudCreate || does == Does::kCrudUpdate;
}

Status read_actor(
    const toml::table& table, std::size_t number, const std::string& origin, Actor& actor
) {
    std::string name;
    if (const auto* const text = table["name"].as_string()) name = text->get();
    if (name.empty()) name = "actor " + std::to_string(number + 1);
    const std::string prefix = "actors." + name + ".";
    ProfileTable reader(table, prefix, origin);
    reader.text("name", actor.name);
    if (!table.contains("does")) {
        std::string known;
        for (const std::string& word : does_names())
            known.append(known.empty() ? "" : ", ").append(word);
        reader.fail("does", "must be given: one of " + known);
    }
    read_word(reader, "does", actor.does, does_names());
    if (actor.name.empty()) {
        actor.name = std::string(to_string(actor.does)) + " " + std::to_string(number + 1);
    }
    const bool is_name_good = actor.name.size() <= Bounds::kNameBytesMax &&
                              std::ranges::all_of(actor.name, [](char sign) {
                                  return (sign >= 'a' && sign <= 'z') ||
                                         (sign >= 'A' && sign <= 'Z') ||
                                         (sign >= '0' && sign <= '9') || sign == '-' ||
                                         sign == '_' || sign == ' ';
                              });
    if (!is_name_good) {
        reader.fail("name", "give letters, digits, blanks, - and _, at most 64 of them");
    }
    reader.number("count", actor.workers, 1, Bounds::kWorkersMax);
    reader.text("category", actor.category);
    if (actor.category.find_first_of("-$%") != std::string::npos) {
        reader.fail("category", "leave out -, $ and %: the category ends at the first -");
    }
    reader.text("after", actor.after);
    reader.duration("delay", actor.delay_ns);

    const Does does = actor.does;
    if (!is_listener(does)) {
        reader.number("in_flight", actor.in_flight, 1, Bounds::kInFlightMax);
        reader.real("rate", actor.rate, 0, Bounds::kRateMax);
        reader.number("operations", actor.operations, 0, Bounds::kOperationsMax);
        if (does == Does::kCrudCreate) actor.keys.distribution = KeyDistribution::kSequential;
        if (const toml::table* const keys = reader.table("keys")) {
            ANNALS_CHECK(read_keys(*keys, prefix + "keys.", origin, actor.keys));
        }
        if (does == Does::kCrudCreate && actor.keys.distribution != KeyDistribution::kSequential) {
            reader.fail("keys", "an object is created once: its keys are sequential");
        }
    }
    if (writes(does)) {
        if (const toml::table* const size = reader.table("size")) {
            ANNALS_CHECK(read_size(*size, prefix + "size.", origin, actor.size));
        }
    }
    if (does == Does::kAppend) {
        reader.texts("types", actor.types, Bounds::kTypesMax);
        read_word(reader, "expected", actor.expecting, kExpecting);
    }
    if (does == Does::kCrudCreate || does == Does::kCrudUpdate) {
        reader.text("field", actor.field);
        if (!std::ranges::all_of(actor.field, [](char sign) {
                return (sign >= 'a' && sign <= 'z') || sign == '_';
            })) {
            reader.fail("field", "give a name of small letters and _");
        }
    }
    if (does == Does::kRead) {
        std::size_t direction = 0;
        reader.word("direction", direction, kDirections);
        actor.is_backwards = direction == 1;
    }
    if (does == Does::kGroupMember) {
        reader.text("group", actor.group);
        if (actor.group.empty()) reader.fail("group", "must be given: the members share it");
        read_word(reader, "strategy", actor.strategy, kStrategies);
    }
    if (does == Does::kRead || is_listener(does)) actor.batch = 100;
    if (!is_crud(does)) reader.number("batch", actor.batch, 1, Bounds::kBatchMax);
    return reader.finish("actors that do " + std::string(to_string(does)), kActorKeys);
}

/// Threads that an actor needs: appends are answered by call-back, all else waits.
std::uint64_t threads_of(const Actor& actor) {
    return actor.does == Does::kAppend ? actor.workers
                                       : std::uint64_t{actor.workers} * actor.in_flight;
}

class WholeProfile {
  public:
    WholeProfile(const Profile& profile, const std::string& origin)
        : profile_(profile), origin_(origin) {}

    Status check() const {
        ANNALS_CHECK(check_names());
        ANNALS_CHECK(check_orders());
        ANNALS_CHECK(check_categories());
        return check_end();
    }

  private:
    [[nodiscard]] Error fault(
        const std::string& key, const std::string& value, const std::string& remedy
    ) const {
        return profile_fault(key, value, origin_, remedy);
    }

    [[nodiscard]] const Actor* find(const std::string& name) const {
        const auto at = std::ranges::find(profile_.actors, name, &Actor::name);
        return at == profile_.actors.end() ? nullptr : &*at;
    }

    [[nodiscard]] std::string no_such_actor() const {
        std::vector<std::string> names;
        names.reserve(profile_.actors.size());
        for (const Actor& actor : profile_.actors) names.push_back(actor.name);
        return detail::no_such_actor(names);
    }

    [[nodiscard]] Status check_names() const {
        std::uint64_t threads = 0;
        for (const Actor& actor : profile_.actors) {
            if (find(actor.name) != &actor) {
                return fault(
                    "actors." + actor.name + ".name",
                    actor.name,
                    "two actors have this name: give one of them another"
                );
            }
            threads += threads_of(actor);
        }
        if (threads > Bounds::kThreadsMax) {
            return fault(
                "actors",
                std::to_string(threads) + " threads",
                "at most " + std::to_string(Bounds::kThreadsMax) +
                    " in all: a worker that appends needs one, others as many as are in flight; "
                    "lower count or in_flight"
            );
        }
        return ok();
    }

    [[nodiscard]] Status check_orders() const {
        for (const Actor& actor : profile_.actors) {
            const Actor* before = &actor;
            for (std::size_t steps = 0; !before->after.empty(); ++steps) {
                const std::string key = "actors." + before->name + ".after";
                const Actor* const next = find(before->after);
                if (next == nullptr) return fault(key, before->after, no_such_actor());
                if (next->operations == 0) {
                    return fault(
                        key, before->after, "that actor never ends: give it a number of operations"
                    );
                }
                if (steps > profile_.actors.size()) {
                    return fault(
                        key,
                        before->after,
                        "these actors wait for each other: leave one `after` out"
                    );
                }
                before = next;
            }
        }
        return ok();
    }

    [[nodiscard]] Status check_categories() const {
        std::map<std::string, const Actor*> of;
        std::map<std::string, const Actor*> groups;
        for (const Actor& actor : profile_.actors) {
            if (is_listener(actor.does)) {
                if (actor.group.empty()) continue;
                const auto [at, is_new] = groups.emplace(actor.group, &actor);
                const Actor& first = *at->second;
                if (!is_new &&
                    (first.category != actor.category || first.strategy != actor.strategy)) {
                    return fault(
                        "actors." + actor.name + ".group",
                        actor.group,
                        "members of one group share category and strategy: give those of " +
                            first.name + ", or another group"
                    );
                }
                continue;
            }
            const auto [at, is_new] = of.emplace(actor.category, &actor);
            const bool is_mixed = !is_new && is_crud(actor.does) != is_crud(at->second->does);
            if (is_mixed) {
                return fault(
                    "actors." + actor.name + ".category",
                    actor.category,
                    "objects and plain events need categories of their own, and " +
                        at->second->name + " has this one: give another"
                );
            }
        }
        return check_writers();
    }

    /// What reads or changes what is stored needs somebody who stores it.
    [[nodiscard]] Status check_writers() const {
        for (const Actor& actor : profile_.actors) {
            if (is_listener(actor.does) || begins_keys(actor.does)) continue;
            const bool has_writer = std::ranges::any_of(profile_.actors, [&](const Actor& other) {
                return begins_keys(other.does) && other.category == actor.category;
            });
            if (has_writer) continue;
            return fault(
                "actors." + actor.name + ".category",
                actor.category,
                std::string("nothing writes there: add an actor of this category that does ") +
                    (is_crud(actor.does) ? "crud-create" : "append")
            );
        }
        return ok();
    }

    [[nodiscard]] Status check_end() const {
        const bool is_finite = std::ranges::any_of(profile_.actors, [](const Actor& actor) {
            return actor.operations > 0;
        });
        if (profile_.duration_ns == 0 && !is_finite) {
            return fault(
                "duration", "", "the run would never end: give a duration, or actors operations"
            );
        }
        if (profile_.duration_ns > 0 && profile_.warm_up_ns >= profile_.duration_ns) {
            return fault(
                "warm_up",
                config::format_duration(profile_.warm_up_ns),
                "must be shorter than the duration (" +
                    config::format_duration(profile_.duration_ns) + "): lower it, --set warm_up=0s"
            );
        }
        return ok();
    }

    const Profile& profile_;
    const std::string& origin_;
};

/// Those that have one.
std::vector<std::string> actor_names(toml::table& top) {
    std::vector<std::string> names;
    const toml::array* const actors = top["actors"].as_array();
    if (actors == nullptr) return names;
    for (const toml::node& node : *actors) {
        const toml::table* const table = node.as_table();
        if (table == nullptr) continue;
        if (const auto* const text = (*table)["name"].as_string()) names.push_back(text->get());
    }
    return names;
}

toml::table* actor_named(toml::table& top, std::string_view name) {
    toml::array* const actors = top["actors"].as_array();
    if (actors == nullptr) return nullptr;
    for (toml::node& node : *actors) {
        toml::table* const table = node.as_table();
        if (table == nullptr) continue;
        const auto* const text = (*table)["name"].as_string();
        if (text != nullptr && text->get() == name) return table;
    }
    return nullptr;
}

Status apply(toml::table& top, const Override& change) {
    const auto fault = [&](std::string_view remedy) {
        const std::string flag = change.flag.empty() ? "--set " + change.key : change.flag;
        return profile_fault(change.key, change.value, flag, remedy);
    };
    toml::table* table = &top;
    std::string_view rest = change.key;
    for (std::size_t dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
        const std::string_view part = rest.substr(0, dot);
        rest.remove_prefix(dot + 1);
        if (table == &top && part == "actors") {
            const std::size_t end = rest.find('.');
            if (end == std::string_view::npos) return fault("say which: actors.NAME.rate=10");
            table = actor_named(top, rest.substr(0, end));
            if (table == nullptr) return fault(detail::no_such_actor(actor_names(top)));
            rest.remove_prefix(end + 1);
            continue;
        }
        toml::node* node = table->get(part);
        if (node == nullptr) {
            table->insert(part, toml::table{});
            node = table->get(part);
        }
        table = node->as_table();
        if (table == nullptr) {
            return fault(std::string(part) + " is a value and has no keys: end with it");
        }
    }
    if (rest.empty()) return fault("it ends with a dot: give a key behind that");
    // A TOML value where it is one, else a text.
    try {
        toml::table parsed = toml::parse("value = " + change.value);
        toml::node* const value = parsed.get("value");
        if (value != nullptr && parsed.size() == 1 && !value->is_table()) {
            value->visit([&](auto& found) { table->insert_or_assign(rest, found); });
            return ok();
        }
    } catch (const toml::parse_error&) {  // NOLINT(bugprone-empty-catch): then it is a text
    }
    table->insert_or_assign(rest, change.value);
    return ok();
}

Result<Profile> read_profile(
    const toml::table& top, const std::string& origin, const std::vector<Override>& overrides
) {
    Profile profile;
    ProfileTable reader(top, "", origin);
    for (const Override& change : overrides) {
        if (!change.flag.empty()) reader.given_by(change.key, change.flag);
    }
    reader.text("name", profile.name);
    const bool is_name_good = !profile.name.empty() &&
                              profile.name.size() <= Bounds::kNameBytesMax &&
                              std::ranges::all_of(profile.name, [](char sign) {
                                  return (sign >= 'a' && sign <= 'z') ||
                                         (sign >= '0' && sign <= '9') || sign == '-';
                              });
    if (!is_name_good) {
        const std::string what = "small letters, digits and -, at most " +
                                 std::to_string(Bounds::kNameBytesMax) +
                                 " of them: it names the report's folder";
        reader.fail("name", (reader.has("name") ? "give " : "must be given: ") + what);
    }
    for (const std::string& key : kActorKeys) {
        if (key == "name" || !reader.has(key)) continue;
        reader.fail(
            key,
            "is a key of actors: write it below the line [[actors]] of one, or --set actors.NAME." +
                key + "=…"
        );
    }
    reader.text("what", profile.what);
    reader.duration("duration", profile.duration_ns);
    reader.duration("warm_up", profile.warm_up_ns);
    reader.number("seed", profile.seed, 0, INT64_MAX);
    const toml::array* const actors = reader.tables("actors");
    if (actors == nullptr || actors->size() > Bounds::kActorsMax) {
        reader.fail(
            "actors",
            "a profile needs 1 to " + std::to_string(Bounds::kActorsMax) +
                " actors: begin each with a line [[actors]]"
        );
    }
    ANNALS_CHECK(reader.finish("a profile"));
    for (std::size_t number = 0; number < actors->size(); ++number) {
        Actor actor;
        ANNALS_CHECK(read_actor(*(*actors)[number].as_table(), number, origin, actor));
        profile.actors.push_back(std::move(actor));
    }
    ANNALS_CHECK(WholeProfile(profile, origin).check());
    return profile;
}

}  // namespace

const std::vector<std::string>& does_names() {
    static const std::vector<std::string> names{
        "append",
        "read",
        "subscribe",
        "crud-create",
        "crud-update",
        "crud-delete",
        "crud-get",
        "group-member"
    };
    return names;
}

std::string_view to_string(Does does) { return does_names()[static_cast<std::size_t>(does)]; }

bool is_listener(Does does) { return does == Does::kSubscribe || does == Does::kGroupMember; }

bool begins_keys(Does does) { return does == Does::kAppend || does == Does::kCrudCreate; }

bool is_crud(Does does) {
    return does == Does::kCrudCreate || does == Does::kCrudUpdate || does == Does::kCrudDelete ||
           does == Does::kCrudGet;
}

Result<Override> parse_override(std::string_view text) {
    const auto refuse = [&](std::string_view why) {
        return Error(
                   ErrorCode::kInvalidArgument,
                   "--set " + std::string(text) + ": " + std::string(why) +
                       "give KEY=VALUE, as in duration=5s or actors.NAME.rate=10"
        )
            .with("field", "set")
            .with("value", text);
    };
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) return refuse("it has no value: ");
    const std::string_view key = text.substr(0, equals);
    const std::string_view value = text.substr(equals + 1);
    if (key.empty()) return refuse("it has no key: ");
    if (value.find_first_not_of(" \t") == std::string_view::npos) {
        return refuse("there is nothing behind the '=': ");
    }
    if (key.find_first_of(" \t") != std::string_view::npos) return refuse("its key has a space: ");
    if (key.starts_with('.') || key.ends_with('.') || key.find("..") != std::string_view::npos) {
        return refuse("there is nothing before or behind a dot of its key: ");
    }
    return Override{std::string(key), std::string(value)};
}

Result<Profile> parse_profile(
    std::string_view text, const std::string& origin, const std::vector<Override>& overrides
) {
    if (text.size() > Bounds::kProfileBytesMax) {
        return profile_fault(
            "profile",
            std::to_string(text.size()) + " bytes",
            origin,
            "a profile has at most 1 MiB: leave out what is no part of it"
        );
    }
    toml::table top;
    try {
        top = toml::parse(text, origin);
    } catch (const toml::parse_error& error) {
        return profile_fault(
            "profile",
            "",
            origin + ":" + std::to_string(error.source().begin.line),
            "this is not TOML: " + std::string(error.description())
        );
    }
    for (const Override& change : overrides) ANNALS_CHECK(apply(top, change));
    return read_profile(top, origin, overrides);
}

Result<ProfileText> find_profile(const std::string& name_or_path) {
    std::string known;
    for (const BuiltInProfile& profile : built_in_profiles()) {
        if (profile.name == name_or_path) {
            return ProfileText{std::string(profile.text), name_or_path + ".toml"};
        }
        known.append(known.empty() ? "" : ", ").append(profile.name);
    }
    const bool is_path = name_or_path.find('/') != std::string::npos ||
                         name_or_path.ends_with(".toml");
    if (!is_path) {
        return profile_fault(
            "profile",
            name_or_path,
            "--profile",
            "there is no such profile; known: " + known + ", or the path of a file *.toml"
        );
    }
    std::ifstream file(name_or_path, std::ios::binary);
    std::string text(Bounds::kProfileBytesMax + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad() || !file.is_open()) {
        const std::string why = std::generic_category().message(errno);
        return profile_fault(
            "profile",
            name_or_path,
            "--profile",
            "the file cannot be read (" + why + "): give the path of a file *.toml, or one of " +
                known
        );
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    return ProfileText{std::move(text), name_or_path};
}

}  // namespace annals::load_kit
