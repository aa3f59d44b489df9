// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "annals/annals.hpp"

#include "sdk_test_support.hpp"

namespace annals {
namespace {

using testing::failure_of;

constexpr const char* kServerName = "events.test";

std::string text_of(BIO* bytes) {
    char* data = nullptr;
    const auto size = static_cast<std::size_t>(BIO_get_mem_data(bytes, &data));
    return {data, size};
}

/// A key and a certificate that it signed itself, for an hour; PEM.
struct SelfSigned {
    std::string key;
    std::string certificate;

    SelfSigned() {
        using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
        using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
        using Bytes = std::unique_ptr<BIO, decltype(&BIO_free)>;
        const Key pair(EVP_EC_gen("P-256"), &EVP_PKEY_free);
        const Certificate made(X509_new(), &X509_free);
        X509_set_version(made.get(), X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
        X509_gmtime_adj(X509_getm_notBefore(made.get()), -60);
        X509_gmtime_adj(X509_getm_notAfter(made.get()), 3'600);
        X509_set_pubkey(made.get(), pair.get());
        X509_NAME* const name = X509_get_subject_name(made.get());
        X509_NAME_add_entry_by_txt(
            name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(kServerName), -1, -1, 0
        );
        X509_set_issuer_name(made.get(), name);
        X509_EXTENSION* const names = X509V3_EXT_conf_nid(
            nullptr, nullptr, NID_subject_alt_name, (std::string("DNS:") + kServerName).c_str()
        );
        X509_add_ext(made.get(), names, -1);
        X509_EXTENSION_free(names);
        X509_sign(made.get(), pair.get(), EVP_sha256());
        const Bytes key_bytes(BIO_new(BIO_s_mem()), &BIO_free);
        PEM_write_bio_PrivateKey(
            key_bytes.get(), pair.get(), nullptr, nullptr, 0, nullptr, nullptr
        );
        key = text_of(key_bytes.get());
        const Bytes certificate_bytes(BIO_new(BIO_s_mem()), &BIO_free);
        PEM_write_bio_X509(certificate_bytes.get(), made.get());
        certificate = text_of(certificate_bytes.get());
    }
};

/// Answers every call with a list of one namespace, "seen", and keeps the metadata of all.
class ListeningServer {
  public:
    explicit ListeningServer(std::shared_ptr<grpc::ServerCredentials> credentials) {
        grpc::ServerBuilder builder;
        builder.AddListeningPort("127.0.0.1:0", std::move(credentials), &port_);
        builder.RegisterCallbackGenericService(&service_);
        server_ = builder.BuildAndStart();
    }
    ~ListeningServer() { server_->Shutdown(); }
    ListeningServer(const ListeningServer&) = delete;
    ListeningServer& operator=(const ListeningServer&) = delete;

    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
    /// Values of that name, of all calls.
    [[nodiscard]] std::vector<std::string> heard(const std::string& name) const {
        const std::lock_guard lock(mutex_);
        std::vector<std::string> values;
        for (const auto& [key, value] : metadata_) {
            if (key == name) values.push_back(value);
        }
        return values;
    }

  private:
    class Reply final : public grpc::ServerGenericBidiReactor {
      public:
        Reply() : answer_(slice_of("\x0a\x06\x0a\x04seen")) { StartRead(&request_); }
        void OnReadDone(bool ok) override {
            if (!ok) return Finish(grpc::Status::CANCELLED);
            StartWriteAndFinish(&answer_, {}, grpc::Status::OK);
        }
        void OnDone() override { delete this; }

      private:
        static grpc::ByteBuffer slice_of(const std::string& bytes) {
            const grpc::Slice slice(bytes);
            return {&slice, 1};
        }
        grpc::ByteBuffer request_;
        grpc::ByteBuffer answer_;
    };
    class Service final : public grpc::CallbackGenericService {
      public:
        explicit Service(ListeningServer& server) : server_(server) {}
        grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context
        ) override {
            const std::lock_guard lock(server_.mutex_);
            for (const auto& [key, value] : context->client_metadata()) {
                server_.metadata_.emplace_back(
                    std::string(key.data(), key.size()), std::string(value.data(), value.size())
                );
            }
            return new Reply();
        }

      private:
        ListeningServer& server_;
    };

    mutable std::mutex mutex_;
    std::vector<std::pair<std::string, std::string>> metadata_;
    Service service_{*this};
    int port_ = 0;
    std::unique_ptr<grpc::Server> server_;
};

/// Answers whatever comes as an HTTP/1 server does.
class PageServer {
  public:
    PageServer() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in place{};
        place.sin_family = AF_INET;
        place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* const address = reinterpret_cast<sockaddr*>(&place);
        socklen_t size = sizeof(place);
        EXPECT_EQ(::bind(listener_, address, size), 0);
        EXPECT_EQ(::listen(listener_, 8), 0);
        EXPECT_EQ(::getsockname(listener_, address, &size), 0);
        port_ = ntohs(place.sin_port);
        thread_ = std::thread([this] {
            for (int client = accept_one(); client >= 0; client = accept_one()) answer(client);
        });
    }
    ~PageServer() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    PageServer(const PageServer&) = delete;
    PageServer& operator=(const PageServer&) = delete;

    [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  private:
    [[nodiscard]] int accept_one() const { return ::accept(listener_, nullptr, nullptr); }
    static void answer(int client) {
        constexpr std::string_view kAnswer =
            "HTTP/1.1 505 HTTP Version Not Supported\r\nContent-Length: 0\r\n\r\n";
        std::array<char, 4'096> asked{};
        EXPECT_GT(::recv(client, asked.data(), asked.size(), 0), 0);
        EXPECT_EQ(::send(client, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL), kAnswer.size());
        ::shutdown(client, SHUT_WR);
        // closed with something unread, it would take its answer back
        while (::recv(client, asked.data(), asked.size(), 0) > 0) continue;
        ::close(client);
    }

    const int listener_;
    int port_ = 0;
    std::thread thread_;
};

std::shared_ptr<grpc::ServerCredentials> credentials_of(const SelfSigned& signed_by) {
    grpc::SslServerCredentialsOptions options;
    options.pem_key_cert_pairs.push_back({signed_by.key, signed_by.certificate});
    return grpc::SslServerCredentials(options);
}

/// A slow machine may find out that time is up before it has found out why.
void expect_unreachable(const Client& client) {
    const Failure failure = failure_of([&] { (void)client.namespaces(); });
    EXPECT_TRUE(
        failure.code() == ErrorCode::kUnavailable || failure.code() == ErrorCode::kDeadlineExceeded
    ) << failure.what();
}

TEST(Tls, CarriesCallsWithATokenThatIsAskedForEachTime) {
    const SelfSigned server_identity;
    const ListeningServer server(credentials_of(server_identity));
    int asked = 0;
    const Client client = connect(
        server.address(),
        {.timeout = std::chrono::seconds(20),
         .tls = Tls{.root_certificates = server_identity.certificate, .server_name = kServerName},
         .token = [&] { return "secret-" + std::to_string(++asked); }}
    );
    EXPECT_EQ(client.namespaces(), (std::vector<std::string>{"seen"}));
    EXPECT_EQ(client.namespaces(), (std::vector<std::string>{"seen"}));
    EXPECT_EQ(
        server.heard("authorization"),
        (std::vector<std::string>{"Bearer secret-1", "Bearer secret-2"})
    );
}

TEST(Tls, RefusesACertificateThatNobodyItTrustsHasSigned) {
    const SelfSigned server_identity;
    const SelfSigned other;
    const ListeningServer server(credentials_of(server_identity));
    const Client client = connect(
        server.address(),
        {.timeout = std::chrono::milliseconds(1'500),
         .tls = Tls{.root_certificates = other.certificate, .server_name = kServerName}}
    );
    expect_unreachable(client);
    EXPECT_TRUE(server.heard("user-agent").empty());
}

TEST(Tls, RefusesACertificateOfAnotherName) {
    const SelfSigned server_identity;
    const ListeningServer server(credentials_of(server_identity));
    const Client client = connect(
        server.address(),
        {.timeout = std::chrono::milliseconds(1'500),
         .tls = Tls{.root_certificates = server_identity.certificate, .server_name = "other.test"}}
    );
    expect_unreachable(client);
    EXPECT_TRUE(server.heard("user-agent").empty());
}

TEST(Connection, CarriesAPlainTokenThatIsAskedForEachTimeAndHeaders) {
    const ListeningServer server(grpc::InsecureServerCredentials());
    int asked = 0;
    const Client client = connect(
        server.address(),
        {.token = [&] { return "secret-" + std::to_string(++asked); },
         .is_token_plain = true,
         .headers = {{"X-Tenant", "tea"}, {"x-key-bin", std::string("\x00\xff", 2)}}}
    );
    (void)client.namespaces();
    EXPECT_EQ(client.namespaces(), (std::vector<std::string>{"seen"}));
    using Values = std::vector<std::string>;
    EXPECT_EQ(server.heard("authorization"), (Values{"Bearer secret-1", "Bearer secret-2"}));
    EXPECT_EQ(server.heard("x-tenant"), (Values{"tea", "tea"}));
    const std::string key("\x00\xff", 2);
    EXPECT_EQ(server.heard("x-key-bin"), (Values{key, key}));
}

TEST(Connection, CarriesNoTokenInPlainTextByAccident) {
    const Failure failure = failure_of([] {
        (void)connect("127.0.0.1:1", {.token = [] { return std::string("secret"); }});
    });
    EXPECT_EQ(failure.code(), ErrorCode::kInvalidArgument) << failure.what();
    EXPECT_EQ(failure.field("field"), "token");
}

/// All kinds of calls: unary, a stream of the server's, and streams both ways.
TEST(Connection, EndsCallsAtOnceForWhichThereIsNoTokenThatAHeaderCanCarry) {
    const ListeningServer server(grpc::InsecureServerCredentials());
    std::string token;
    const Client client = connect(
        server.address(),
        {.token =
             [&] {
                 if (token == "none") throw std::runtime_error("the vault is closed");
                 return token;
             },
         .is_token_plain = true}
    );
    const auto expect_failures = [&](ErrorCode code, const std::string& words) {
        for (const Failure& failure : {
                 failure_of([&] { (void)client.namespaces(); }),
                 failure_of([&] { client.append("a-1", {{.type = "A"}}); }),
                 failure_of([&] { (void)client.subscribe().next(); }),
                 failure_of([&] { (void)client.group("g").join("m").next(); }),
             }) {
            EXPECT_EQ(failure.code(), code) << failure.what();
            EXPECT_NE(failure.message().find(words), std::string::npos) << failure.what();
        }
    };
    for (const char* bad : {"", "two words", "secret\n"}) {
        token = bad;
        expect_failures(ErrorCode::kInvalidArgument, "give the bare token");
    }
    token = "none";
    expect_failures(ErrorCode::kNotPermitted, "the vault is closed");
    EXPECT_TRUE(server.heard("user-agent").empty());
}

TEST(Connection, SaysAtOnceThatWhatListensThereSpeaksNoGrpc) {
    const PageServer page;
    const Client client = connect(page.address(), {.timeout = std::chrono::minutes(10)});
    for (const Failure& failure : {
             failure_of([&] { (void)client.namespaces(); }),
             failure_of([&] { client.append("a-1", {{.type = "A"}}); }),
             failure_of([&] { (void)client.subscribe().next(); }),
         }) {
        EXPECT_EQ(failure.code(), ErrorCode::kUnavailable) << failure.what();
        EXPECT_EQ(failure.field("field"), "address") << failure.what();
        EXPECT_EQ(failure.advice(), "never");
        EXPECT_FALSE(failure.is_transient());
        EXPECT_NE(failure.message().find("give the port of the server's gRPC"), std::string::npos);
    }
}

TEST(Connection, CarriesTheCallersTrace) {
    const ListeningServer server(grpc::InsecureServerCredentials());
    const Client client = connect(server.address());
    const TraceContext trace{"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "a=b"};
    (void)client.namespaces();
    {
        const TraceScope scope(trace);
        (void)client.namespaces();
    }
    EXPECT_EQ(server.heard("traceparent"), (std::vector<std::string>{trace.parent}));
    EXPECT_EQ(server.heard("tracestate"), (std::vector<std::string>{"a=b"}));
}

}  // namespace
}  // namespace annals
