// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/order_local/local_orderer.hpp"

#include <cstdlib>
#include <filesystem>

#include "annals/log/file_system.hpp"

#include "orderer_contract.hpp"
#include "scavenging_host.hpp"

namespace annals::conformance {
namespace {

std::string make_temporary_folder() {
    std::string path = (std::filesystem::temp_directory_path() / "annals-orderer-XXXXXX").string();
    EXPECT_NE(::mkdtemp(path.data()), nullptr);
    return path;
}

class LocalHost : public OrdererHost {
  public:
    explicit LocalHost(bool is_in_memory) : is_in_memory_(is_in_memory) {
        if (is_in_memory_) memory_files_ = log::make_memory_file_system();
        folder_ = is_in_memory_ ? "/log" : make_temporary_folder();
    }
    ~LocalHost() override {
        if (!is_in_memory_) std::filesystem::remove_all(folder_);
    }

    std::unique_ptr<commit::Orderer> open(const HostOptions& options) override {
        order_local::OrdererOptions orderer;
        orderer.clock = options.clock;
        orderer.log.segment_bytes = 1u << 20u;
        orderer.log.fill_bytes_min = 64u << 10u;
        orderer.log.fill_bytes_max = 256u << 10u;
        orderer.index.is_in_memory = is_in_memory_;
        orderer.durability.interval_ns = options.interval_ns;
        orderer.queue_appends_max = options.queue_appends_max;
        orderer.stream_table_bytes_max = options.stream_table_bytes_max;
        order_local::OpenReport report;
        auto opened = order_local::open_local_orderer(
            memory_files_ ? *memory_files_ : log::disk_file_system(),
            folder_,
            orderer,
            memory_,
            report
        );
        EXPECT_TRUE(opened) << (opened ? "" : opened.error().to_string());
        return opened ? std::move(*opened) : nullptr;
    }

    void delete_index() override {
        if (!is_in_memory_) std::filesystem::remove_all(folder_ + "/index");
    }

  private:
    const bool is_in_memory_;
    std::string folder_;
    std::unique_ptr<log::FileSystem> memory_files_;
    index::IndexMemory memory_{64u << 20u};
};

OrdererBody local(const std::string& name, bool is_in_memory) {
    return {name, [is_in_memory] { return std::make_unique<LocalHost>(is_in_memory); }};
}

OrdererBody scavenged() {
    return {"memory", [] {
                return std::make_unique<ScavengingHost>(std::make_unique<LocalHost>(true));
            }};
}

ANNALS_ORDERER_CONTRACT(Local, local("disk", false));
ANNALS_ORDERER_CONTRACT(LocalInMemory, local("memory", true));
ANNALS_ORDERER_CONTRACT(Scavenged, scavenged());

}  // namespace
}  // namespace annals::conformance
