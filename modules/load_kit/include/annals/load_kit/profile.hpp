// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "annals/api/consumer_groups.hpp"
#include "annals/base/result.hpp"

/// A mixed workload, written down in a small TOML file: who does what, how often, to which keys.
/// docs/reference/load.md has every key.
namespace annals::load_kit {

/// What one operation of an actor is.
enum class Does : std::uint8_t {
    kAppend,       ///< `batch` events to one stream, durable
    kRead,         ///< up to `batch` events of one stream
    kSubscribe,    ///< each worker reads every event of the category, from the run's start
    kCrudCreate,   ///< a new object
    kCrudUpdate,   ///< one field of an object is set anew
    kCrudDelete,   ///< an object is deleted
    kCrudGet,      ///< an object is read
    kGroupMember,  ///< each worker is a member of the group `group`
};
std::string_view to_string(Does does);
/// In the order of the enumeration.
const std::vector<std::string>& does_names();
/// Actors that get events instead of asking for them: no rate, no operations, no keys.
bool is_listener(Does does);
/// Actors that may write to keys which are not stored yet.
bool begins_keys(Does does);
/// Actors that write or read objects.
bool is_crud(Does does);

enum class KeyDistribution : std::uint8_t {
    kUniform,     ///< each as likely
    kZipf,        ///< the k-th as likely as 1/k^skew: few hot ones
    kLatest,      ///< as zipf, counted back from the newest
    kSequential,  ///< one after the other
};

/// Which streams or objects.
struct Keys {
    KeyDistribution distribution = KeyDistribution::kUniform;
    std::uint64_t count = 10'000;  ///< of the category
    double skew = 0.99;            ///< of kZipf and kLatest
    bool operator==(const Keys&) const = default;
};

enum class SizeDistribution : std::uint8_t { kFixed, kUniform, kLognormal };

/// Bytes of an event's data, or of a document.
struct Size {
    SizeDistribution distribution = SizeDistribution::kFixed;
    std::uint64_t bytes = 256;  ///< of kFixed; the median of kLognormal
    std::uint64_t min = 80;     ///< of kUniform; kLognormal is cut there
    std::uint64_t max = 65'536;
    double sigma = 0.5;  ///< of kLognormal, of the natural logarithm
    bool operator==(const Size&) const = default;
};

/// What an append expects of its stream.
enum class Expecting : std::uint8_t {
    kAny,
    kNoStream,  ///< the stream is new
    kExact,     ///< the revision that this run knows; a race lost is a conflict and counted so
};

/// Some workers that do the same.
struct Actor {
    std::string name;
    Does does = Does::kAppend;
    std::uint32_t workers = 1;    ///< `count` in the file
    std::uint32_t in_flight = 1;  ///< of each worker
    /// Operations a second of all workers together, begun on time whether or not the ones before
    /// were answered; 0: each as soon as the one before was answered.
    double rate = 0;
    /// Exactly so many, and the actor is done; 0: until the run ends.
    std::uint64_t operations = 0;
    std::string after;          ///< name of an actor that must be done before; empty: none
    std::int64_t delay_ns = 0;  ///< counted from the run's start, or from the end of `after`
    std::string category = "load";
    std::vector<std::string> types{"Happened"};  ///< of events, one at random
    std::string field = "text";                  ///< of an object: what an update sets
    Keys keys;
    Size size;
    std::uint32_t batch = 1;
    Expecting expecting = Expecting::kAny;
    bool is_backwards = false;
    std::string group;
    api::GroupStrategy strategy = api::GroupStrategy::kPerKey;
    bool operator==(const Actor&) const = default;
};

/// Stated bounds, so that a profile cannot eat the machine that it runs on.
struct Bounds {
    static constexpr std::size_t kProfileBytesMax = 1u << 20u;
    static constexpr std::size_t kActorsMax = 64;
    static constexpr std::uint64_t kWorkersMax = 256;      ///< of an actor
    static constexpr std::uint64_t kInFlightMax = 1'024;   ///< of a worker
    static constexpr std::uint64_t kThreadsMax = 512;      ///< of all actors
    static constexpr std::uint64_t kKeysMax = 10'000'000;  ///< of a category; 12 bytes each
    static constexpr std::uint64_t kOperationsMax = 1'000'000'000'000;
    static constexpr double kRateMax = 10'000'000;
    static constexpr std::uint64_t kSizeMin = 80;  ///< number and time of sending need these
    static constexpr std::uint64_t kSizeMax = 1u << 20u;
    static constexpr std::uint64_t kBatchMax = 4'096;
    static constexpr std::size_t kTypesMax = 64;
    static constexpr std::size_t kNameBytesMax = 64;
    static constexpr std::int64_t kDurationNsMax = 86'400'000'000'000;  ///< a day
};

struct Profile {
    std::string name;
    std::string what;              ///< a sentence for the report
    std::int64_t duration_ns = 0;  ///< 0: until all actors with `operations` are done
    std::int64_t warm_up_ns = 0;   ///< operations before it are checked and counted, not measured
    std::uint64_t seed = 1;
    std::vector<Actor> actors;
    bool operator==(const Profile&) const = default;
};

/// `duration` or `actors.NAME.keys.count`, and a TOML value, or a text without its quotes.
struct Override {
    std::string key;
    std::string value;
    std::string flag = {};  ///< that gave it, for messages; empty: --set
};

/// `key=value`. invalid_argument when there is no `=`.
Result<Override> parse_override(std::string_view text);

/// config_invalid for the first fault, with the fields key, value, origin (`FILE:LINE`, or
/// `--set KEY`) and remedy: not TOML, a key that nothing knows (with the nearest), a value of
/// another kind or beyond its bounds, actors that wait for each other, a run that never ends.
/// `origin` names the text in messages. Any thread; some 100 µs.
Result<Profile> parse_profile(
    std::string_view text, const std::string& origin, const std::vector<Override>& overrides = {}
);

/// A profile that comes with the program.
struct BuiltInProfile {
    std::string_view name;
    std::string_view text;
};
const std::vector<BuiltInProfile>& built_in_profiles();

/// The text of a built-in profile, or of a file when it names one (a `/`, or `.toml` at the end).
/// config_invalid, naming the profiles there are.
struct ProfileText {
    std::string text;
    std::string origin;
};
Result<ProfileText> find_profile(const std::string& name_or_path);

}  // namespace annals::load_kit
