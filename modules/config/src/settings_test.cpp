// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/config/settings.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "annals/base/uuid.hpp"
#include "annals/config/server_settings.hpp"

namespace annals::config {
namespace {

/// A folder of its own, removed at the end.
class ConfigTest : public testing::Test {
  public:
    ~ConfigTest() override { std::filesystem::remove_all(folder_); }

  protected:
    ConfigTest()
        : folder_(
              std::filesystem::temp_directory_path() / ("annals-" + make_uuid_v4().to_string())
          ) {
        std::filesystem::create_directory(folder_);
    }
    std::string file(const std::string& name, const std::string& text) {
        const std::string path = (folder_ / name).string();
        std::ofstream(path) << text;
        return path;
    }

    std::filesystem::path folder_;
};

using Config = ConfigTest;

TEST_F(Config, TakesDefaultsWhereNobodySaysAnything) {
    const Settings settings = resolve_server_settings({});
    EXPECT_TRUE(settings.faults.empty());
    EXPECT_EQ(settings.values.size(), server_setting_specs().size());
    const ServerSettings server = server_settings(settings).value();
    EXPECT_EQ(server.data_directory, "./data");
    EXPECT_FALSE(server.is_memory);
    EXPECT_EQ(server.grpc, (Address{"127.0.0.1", 7400}));
    EXPECT_EQ(server.http, (Address{"127.0.0.1", 7401}));
    EXPECT_TRUE(server.durability.is_every_append());
    EXPECT_EQ(server.index_memory_bytes, 512u << 20u);
    EXPECT_EQ(server.log_segment_bytes, 64u << 20u);
    EXPECT_EQ(server.log_compression, Compression::kNone);
    EXPECT_EQ(server.log_level, "info");
    EXPECT_EQ(server.log_format, "auto");
    EXPECT_FALSE(server.accepts_damage);
    EXPECT_EQ(server.drain_timeout_ns, 10'000'000'000);
    EXPECT_EQ(server.eskit_namespace, "default");
}

TEST_F(Config, PutsFlagsOverEnvironmentOverFileOverDefault) {
    Sources sources;
    sources.file_path = file("annals.toml", R"(
memory = true
durability = "interval=5ms"
[grpc]
address = "127.0.0.1:1"
[http]
address = "127.0.0.1:2"
[index]
memory_mib = 1024
)");
    sources.environment = {
        {"ANNALS_HTTP_ADDRESS", "127.0.0.1:3"},
        {"ANNALS_GRPC_ADDRESS", "127.0.0.1:4"},
        {"HOME", "x"}
    };
    sources.flags = {{"grpc.address", "127.0.0.1:5"}};
    const Settings settings = resolve_server_settings(sources);
    ASSERT_TRUE(settings.faults.empty()) << settings.faults[0].message();
    EXPECT_EQ(settings.at("grpc.address").origin, Origin::kFlag);
    EXPECT_EQ(settings.at("grpc.address").where, "--grpc");
    EXPECT_EQ(settings.at("http.address").origin, Origin::kEnvironment);
    EXPECT_EQ(settings.at("http.address").where, "ANNALS_HTTP_ADDRESS");
    EXPECT_EQ(settings.at("index.memory_mib").origin, Origin::kFile);
    EXPECT_EQ(settings.at("index.memory_mib").where, sources.file_path + ":9");
    EXPECT_EQ(settings.at("log.level").where, "default");
    const ServerSettings server = server_settings(settings).value();
    EXPECT_EQ(server.grpc.port, 5);
    EXPECT_EQ(server.http.port, 3);
    EXPECT_TRUE(server.is_memory);
    EXPECT_EQ(server.durability.interval_ns, 5'000'000);
    EXPECT_EQ(server.index_memory_bytes, 1024u << 20u);
}

TEST_F(Config, RefusesUnknownKeysWithASuggestion) {
    Sources sources;
    sources.file_path = file("annals.toml", "[grpc]\nadress = \":1\"\n[quite]\nother = 1\n");
    sources.environment = {{"ANNALS_DURABLITY", "x"}, {"ANNALS_SERVER", "mine"}};
    const Settings settings = resolve_server_settings(sources);
    ASSERT_EQ(settings.faults.size(), 3u);
    EXPECT_EQ(settings.faults[0].field("suggestion"), "grpc.address");
    EXPECT_EQ(settings.faults[0].field("origin"), sources.file_path + ":2");
    EXPECT_EQ(settings.faults[1].field("key"), "quite.other");
    EXPECT_EQ(settings.faults[1].field("suggestion"), "");
    EXPECT_EQ(settings.faults[2].field("suggestion"), "ANNALS_DURABILITY");
    const auto server = server_settings(settings);
    ASSERT_FALSE(server);
    EXPECT_EQ(server.error().code(), ErrorCode::kConfigInvalid);
    EXPECT_EQ(server.error().field("key"), "grpc.adress");
    EXPECT_NE(server.error().message().find("2 more"), std::string_view::npos);
}

TEST_F(Config, RefusesAnEmptyFolderAndSuggestsWhatBeginsLikeAKey) {
    Sources sources;
    sources.flags = {{"data", ""}};
    sources.environment = {{"ANNALS_GRPC", "127.0.0.1:1"}};
    const Settings settings = resolve_server_settings(sources);
    ASSERT_EQ(settings.faults.size(), 2u);
    EXPECT_EQ(settings.faults[0].field("suggestion"), "ANNALS_GRPC_ADDRESS");
    EXPECT_EQ(settings.faults[1].field("key"), "data");
    EXPECT_EQ(settings.faults[1].field("origin"), "--data");
}

TEST_F(Config, NamesKeyValueOriginAndRemedyOfEveryFault) {
    Sources sources;
    sources.file_path = file("annals.toml", "drain_timeout = 5\n[log]\ncompression = [1]\n");
    sources.environment = {{"ANNALS_LOG_LEVEL", "loud"}};
    sources.flags = {{"index.memory_mib", "1"}};
    const Settings settings = resolve_server_settings(sources);
    ASSERT_EQ(settings.faults.size(), 4u);
    for (const Error& fault : settings.faults) {
        EXPECT_EQ(fault.code(), ErrorCode::kConfigInvalid);
        for (const char* field : {"key", "value", "origin", "remedy"}) {
            EXPECT_FALSE(fault.field(field).empty()) << field << " of " << fault.message();
        }
    }
    EXPECT_EQ(settings.faults[0].field("key"), "log.compression");
    EXPECT_EQ(settings.faults[1].field("origin"), "--index-memory-mib");
    EXPECT_EQ(settings.faults[2].field("origin"), "ANNALS_LOG_LEVEL");
    EXPECT_EQ(settings.faults[3].field("value"), "5");
}

TEST_F(Config, SaysWhereAFileIsNoTomlOrNotThere) {
    Sources sources;
    sources.file_path = file("annals.toml", "[grpc]\naddress = \n");
    Settings settings = resolve_server_settings(sources);
    ASSERT_EQ(settings.faults.size(), 1u);
    EXPECT_NE(settings.faults[0].message().find("line 2"), std::string_view::npos);
    // Ended the program where assertions are on (toml++ 3.3).
    sources.file_path = file("annals.toml", "\n\n[# grpc]\n");
    settings = resolve_server_settings(sources);
    ASSERT_EQ(settings.faults.size(), 1u);
    EXPECT_NE(settings.faults[0].message().find("line 3"), std::string_view::npos);
    sources.file_path = (folder_ / "none.toml").string();
    settings = resolve_server_settings(sources);
    ASSERT_EQ(settings.faults.size(), 1u);
    EXPECT_EQ(settings.faults[0].field("value"), sources.file_path);
}

TEST_F(Config, RefusesOnePortForTwoDoors) {
    Sources sources;
    sources.flags = {{"grpc.address", ":9"}, {"http.address", ":9"}};
    EXPECT_EQ(resolve_server_settings(sources).faults.size(), 1u);
    sources.flags = {{"grpc.address", ":0"}, {"http.address", ":0"}};
    EXPECT_TRUE(resolve_server_settings(sources).faults.empty());
}

constexpr std::array kSecretSpecs{
    SettingSpec{.name = "token", .flag = "--token", .help = "a secret", .is_secret = true},
    SettingSpec{.name = "sql.password", .help = "another", .is_secret = true},
};

TEST_F(Config, ReadsSecretsFromFilesAndNeverShowsThem) {
    Sources sources;
    sources.environment = {{"ANNALS_TOKEN_FILE", file("token", "s3cret\n")}};
    sources.file_path = file(
        "annals.toml", "[sql]\npassword_file = '" + file("pw", "a\nb") + "'\n"
    );
    const Settings settings = resolve(kSecretSpecs, sources);
    ASSERT_TRUE(settings.faults.empty()) << settings.faults[0].message();
    EXPECT_EQ(settings.at("token").value, "s3cret");
    EXPECT_EQ(settings.at("token").shown_value(), "********");
    EXPECT_EQ(settings.at("token").where, "ANNALS_TOKEN_FILE");
    EXPECT_EQ(settings.at("sql.password").value, "a\nb");
}

TEST_F(Config, RefusesASecretGivenTwiceOrFromNowhere) {
    Sources sources;
    sources.environment = {
        {"ANNALS_TOKEN", "hidden-a"},
        {"ANNALS_TOKEN_FILE", file("token", "hidden-b")},
        {"ANNALS_SQL_PASSWORD_FILE", (folder_ / "none").string()},
    };
    const Settings settings = resolve(kSecretSpecs, sources);
    ASSERT_EQ(settings.faults.size(), 2u);
    for (const Error& fault : settings.faults) {
        EXPECT_EQ(fault.to_string().find("hidden"), std::string::npos);
        EXPECT_EQ(fault.field("value").find("hidden"), std::string_view::npos);
    }
}

TEST(Nearest, FindsTypingErrorsOnly) {
    const std::vector<std::string> words{"grpc.address", "http.address", "log.level"};
    EXPECT_EQ(nearest("grcp.address", words), "grpc.address");
    EXPECT_EQ(nearest("loglevel", words), "log.level");
    EXPECT_EQ(nearest("zzz", words), "");
    EXPECT_EQ(nearest(std::string(1000, 'g'), words), "");
}

TEST(SettingSpecs, EachHasAFlagHelpAndADefaultThatIsAccepted) {
    for (const SettingSpec& spec : server_setting_specs()) {
        EXPECT_TRUE(spec.flag.starts_with("--")) << spec.name;
        EXPECT_FALSE(spec.help.empty()) << spec.name;
        EXPECT_TRUE(environment_name(spec).starts_with("ANNALS_"));
    }
    EXPECT_TRUE(resolve_server_settings({}).faults.empty());
}

}  // namespace
}  // namespace annals::config
