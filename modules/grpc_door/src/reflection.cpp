// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "reflection.hpp"

#include <set>
#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include "annals/codec/wire.hpp"
#include "annals/v1/consumer_groups.pb.h"
#include "annals/v1/consumer_store.pb.h"
#include "annals/v1/event_store.pb.h"

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpc/health/v1/health.pb.h"

namespace annals::grpc_door {
namespace {

using codec::FieldReader;
using codec::FieldWriter;
using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

constexpr std::uint32_t kFileResponse = 4;
constexpr std::uint32_t kNumbersResponse = 5;
constexpr std::uint32_t kServicesResponse = 6;
constexpr std::uint32_t kErrorResponse = 7;

/// Keeps the linker from leaving out files that are here for reflection alone.
void link_descriptors() {
    annals::v1::AppendRequest::descriptor();
    annals::v1::NewEvent::descriptor();
    annals::v1::GroupStatus::descriptor();
    annals::v1::SaveProgressRequest::descriptor();
    google::rpc::Status::descriptor();
    google::rpc::ErrorInfo::descriptor();
    grpc::health::v1::HealthCheckRequest::descriptor();
}

void add_file(std::string& out, const FileDescriptor* file, std::set<std::string>& seen) {
    if (!seen.insert(file->name()).second) return;
    google::protobuf::FileDescriptorProto proto;
    file->CopyTo(&proto);
    FieldWriter(out).bytes(1, proto.SerializeAsString());
    for (int i = 0; i < file->dependency_count(); ++i) add_file(out, file->dependency(i), seen);
}

/// The file with everything that it imports.
std::string file_response(const FileDescriptor* file) {
    std::string out;
    std::set<std::string> seen;
    add_file(out, file, seen);
    return out;
}

std::string services_response(const std::vector<std::string>& services) {
    std::string out;
    for (const std::string& name : services) {
        std::string service;
        FieldWriter(service).bytes(1, name);
        FieldWriter(out).bytes(1, service);
    }
    return out;
}

std::string not_found_response(std::string_view what) {
    std::string out;
    FieldWriter writer(out);
    writer.varint(1, 5);  // NOT_FOUND
    writer.bytes(2, "not known here: " + std::string(what));
    return out;
}

struct Part {
    std::uint32_t field = kErrorResponse;
    std::string bytes;
};

Part file_part(const FileDescriptor* file, std::string_view name) {
    if (file == nullptr) return {kErrorResponse, not_found_response(name)};
    return {kFileResponse, file_response(file)};
}

Part answer(const FieldReader& request, const std::vector<std::string>& services) {
    const DescriptorPool& pool = *DescriptorPool::generated_pool();
    const std::string name(request.bytes());
    switch (request.field()) {
        case 3:
            return file_part(pool.FindFileByName(name), name);
        case 4:
            return file_part(pool.FindFileContainingSymbol(name), name);
        case 6: {
            if (pool.FindMessageTypeByName(name) == nullptr) break;
            std::string numbers;
            FieldWriter(numbers).bytes(1, name);
            return {kNumbersResponse, std::move(numbers)};
        }
        case 7:
            return {kServicesResponse, services_response(services)};
        default:
            break;
    }
    return {kErrorResponse, not_found_response(request.field() == 5 ? "the extension" : name)};
}

/// One answer to each message.
class ReflectionLogic final : public CallLogic {
  public:
    ReflectionLogic(GenericCall& call, const std::vector<std::string>& services)
        : call_(call), services_(services) {}

    void on_message(grpc::Slice message) override {
        is_writing_ = true;
        call_.write(grpc_kit::make_buffer(reflect(grpc_kit::view(message), services_)), false);
    }
    void on_end_of_messages() override { call_.finish(RpcAnswer::ok({})); }
    void on_written() override {
        is_writing_ = false;
        if (is_draining_) {
            call_.finish(RpcAnswer::ok({}));
        } else {
            call_.read();
        }
    }
    void on_drain() override {
        is_draining_ = true;
        if (!is_writing_) call_.finish(RpcAnswer::ok({}));
    }

  private:
    GenericCall& call_;
    const std::vector<std::string>& services_;
    bool is_writing_ = false;
    bool is_draining_ = false;
};

}  // namespace

std::string reflect(std::string_view request, const std::vector<std::string>& services) {
    link_descriptors();
    std::string out;
    FieldWriter writer(out);
    FieldReader reader(request);
    Part part{kErrorResponse, not_found_response("an empty request")};
    std::string_view host;
    while (reader.next()) {
        if (reader.type() != codec::WireType::kBytes) continue;
        if (reader.field() == 1) host = reader.bytes();
        if (reader.field() >= 3 && reader.field() <= 7) part = answer(reader, services);
    }
    if (!host.empty()) writer.bytes(1, host);
    writer.bytes(2, request);
    writer.bytes(part.field, part.bytes);
    return out;
}

std::unique_ptr<CallLogic> make_reflection_logic(
    GenericCall& call, const std::vector<std::string>& services
) {
    return std::make_unique<ReflectionLogic>(call, services);
}

}  // namespace annals::grpc_door
