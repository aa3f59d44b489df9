// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/input_file.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <ios>
#include <streambuf>
#include <system_error>
#include <utility>
#include <vector>

#include "annals/interchange/compression.hpp"

#include "unpacker.hpp"

namespace annals::interchange {
namespace {

constexpr std::size_t kPieceBytes = 64u << 10u;

/// Gives plain bytes; throws where it cannot, which an istream turns into its bad state.
class UnpackingBuffer final : public std::streambuf {
  public:
    UnpackingBuffer(std::ifstream file, std::unique_ptr<Unpacker> unpacker)
        : file_(std::move(file)),
          unpacker_(std::move(unpacker)),
          packed_(kPieceBytes),
          plain_(kPieceBytes) {}

    [[nodiscard]] const std::string& failure() const { return failure_; }
    [[nodiscard]] std::uint64_t consumed() const { return consumed_; }

  protected:
    int_type underflow() override {
        while (true) {
            if (begin_ == end_) read_piece();
            const Result<Unpacker::Step> step = unpacker_->step(
                std::span<const char>(packed_).subspan(begin_, end_ - begin_), plain_
            );
            if (!step) fail(std::string(step.error().message()));
            begin_ += step->consumed;
            consumed_ += step->consumed;
            if (step->produced > 0) {
                setg(plain_.data(), plain_.data(), plain_.data() + step->produced);
                return traits_type::to_int_type(plain_.front());
            }
            if (begin_ != end_ || !is_drained_) continue;
            if (!unpacker_->is_at_end()) fail("the file is cut off: its packed end is missing");
            return traits_type::eof();
        }
    }

  private:
    void read_piece() {
        if (is_drained_) return;
        file_.read(packed_.data(), static_cast<std::streamsize>(packed_.size()));
        if (file_.bad()) fail("the disk refused to read it");
        begin_ = 0;
        end_ = static_cast<std::size_t>(file_.gcount());
        is_drained_ = end_ < packed_.size();
    }

    [[noreturn]] void fail(std::string why) {
        failure_ = std::move(why);
        throw std::ios_base::failure(failure_);
    }

    std::ifstream file_;
    std::unique_ptr<Unpacker> unpacker_;
    std::vector<char> packed_;
    std::vector<char> plain_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::uint64_t consumed_ = 0;
    bool is_drained_ = false;
    std::string failure_;
};

class InputFileBody final : public InputFile {
  public:
    InputFileBody(std::ifstream file, Packing packing, std::uint64_t total_bytes)
        : buffer_(std::move(file), make_unpacker(packing)),
          stream_(&buffer_),
          total_bytes_(total_bytes) {}

    std::istream& stream() override { return stream_; }
    [[nodiscard]] std::string failure() const override { return buffer_.failure(); }
    [[nodiscard]] std::uint64_t consumed_bytes() const override { return buffer_.consumed(); }
    [[nodiscard]] std::uint64_t total_bytes() const override { return total_bytes_; }

  private:
    UnpackingBuffer buffer_;
    std::istream stream_;
    const std::uint64_t total_bytes_;
};

}  // namespace

Result<std::unique_ptr<InputFile>> InputFile::open(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const int reason = std::filesystem::is_directory(path) ? EISDIR : errno;
    if (!file || reason == EISDIR) {
        const std::string why = std::generic_category().message(reason);
        return Error(ErrorCode::kInvalidArgument, path + " cannot be opened: " + why)
            .with("file", path)
            .with("reason", why);
    }
    std::error_code error;
    const std::uintmax_t bytes = std::filesystem::file_size(path, error);
    return std::unique_ptr<InputFile>(
        std::make_unique<InputFileBody>(std::move(file), packing_of(path), error ? 0 : bytes)
    );
}

}  // namespace annals::interchange
