// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/interchange/export_file.hpp"

#include <charconv>
#include <optional>
#include <streambuf>
#include <utility>
#include <vector>

#include "annals/interchange/compression.hpp"

#include "packer.hpp"

namespace annals::interchange {
namespace {

constexpr std::size_t kBufferBytes = 256u << 10u;
/// So much may be written again after a crash.
constexpr std::uint64_t kMarkBytes = 4u << 20u;
constexpr std::string_view kStateHead = "annals export, format 1";
constexpr std::size_t kStateBytesMax = 1u << 20u;

std::string part_of(const std::string& path) { return path + ".part"; }
std::string state_of(const std::string& path) { return path + ".part.state"; }

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

/// What lies beside a half file: five lines.
struct State {
    ExportPlan plan;
    std::uint64_t bytes = 0;
};

std::string text_of(const State& state) {
    return std::string(kStateHead) + "\n" + state.plan.what + "\n" + state.plan.log_name + "\n" +
           std::to_string(state.plan.end) + "\n" + std::to_string(state.bytes) + "\n" +
           state.plan.cursor + "\n";
}

std::optional<State> parse_state(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos) return std::nullopt;
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    if (lines.size() != 6 || lines[0] != kStateHead) return std::nullopt;
    State state;
    state.plan = {lines[1], lines[2], 0, lines[5]};
    const auto number = [](const std::string& digits, std::uint64_t& into) {
        const auto [end, error] = std::from_chars(
            digits.data(), digits.data() + digits.size(), into
        );
        return error == std::errc() && end == digits.data() + digits.size();
    };
    if (!number(lines[3], state.plan.end) || !number(lines[4], state.bytes)) return std::nullopt;
    return state;
}

Result<std::optional<State>> read_state(log::FileSystem& files, const std::string& path) {
    ANNALS_TRY(const bool is_there, files.exists(state_of(path)));
    if (!is_there) return std::optional<State>();
    ANNALS_TRY(const auto file, files.open(state_of(path), log::FileSystem::Mode::kRead));
    ANNALS_TRY(const std::string text, file->read_at(0, kStateBytesMax));
    return parse_state(text);
}

/// Packs what is written to it, and writes it behind the file's end.
class PackingBuffer final : public std::streambuf {
  public:
    PackingBuffer(log::File& file, std::uint64_t end, Packing packing)
        : file_(file), end_(end), packer_(make_packer(packing)), plain_(kBufferBytes, '\0') {
        setp(plain_.data(), plain_.data() + plain_.size());
    }

    /// Everything given so far, as bytes of the file.
    Status flush(bool is_last) {
        const std::string_view plain(pbase(), static_cast<std::size_t>(pptr() - pbase()));
        if (status_) status_ = packer_->pack(packed_, plain, is_last);
        setp(plain_.data(), plain_.data() + plain_.size());
        if (status_ && !packed_.empty()) status_ = file_.write_at(end_, packed_);
        if (status_) end_ += packed_.size();
        packed_.clear();
        return status_;
    }
    [[nodiscard]] std::uint64_t end() const { return end_; }

  protected:
    int_type overflow(int_type sign) override {
        if (!flush(false)) return traits_type::eof();
        if (sign != traits_type::eof()) {
            *pptr() = traits_type::to_char_type(sign);
            pbump(1);
        }
        return traits_type::not_eof(sign);
    }
    int sync() override { return status_ ? 0 : -1; }

  private:
    log::File& file_;
    std::uint64_t end_;
    std::unique_ptr<Packer> packer_;
    std::string plain_;
    std::string packed_;
    Status status_ = ok();
};

class ExportFileBody final : public ExportFile {
  public:
    ExportFileBody(
        log::FileSystem& files,
        std::string path,
        ExportPlan plan,
        std::unique_ptr<log::File> file,
        std::uint64_t end
    )
        : files_(files),
          path_(std::move(path)),
          plan_(std::move(plan)),
          file_(std::move(file)),
          buffer_(*file_, end, packing_of(path_)),
          stream_(&buffer_),
          marked_(end) {}

    std::ostream& stream() override { return stream_; }

    Status mark(const RecordSource& source) override {
        if (buffer_.end() - marked_ < kMarkBytes) return ok();
        const std::string cursor = source.cursor();
        if (cursor.empty()) return ok();
        ANNALS_CHECK(buffer_.flush(true));
        ANNALS_CHECK(file_->sync());
        marked_ = buffer_.end();
        State state{plan_, marked_};
        state.plan.cursor = cursor;
        const std::string temporary = state_of(path_) + ".tmp";
        ANNALS_CHECK(write_new(temporary, text_of(state)));
        ANNALS_CHECK(files_.rename(temporary, state_of(path_)));
        return files_.sync_directory(folder_of(path_));
    }

    Status finish() override {
        ANNALS_CHECK(buffer_.flush(true));
        ANNALS_CHECK(file_->sync());
        ANNALS_CHECK(files_.rename(part_of(path_), path_));
        ANNALS_TRY(const bool has_state, files_.exists(state_of(path_)));
        if (has_state) ANNALS_CHECK(files_.remove(state_of(path_)));
        return files_.sync_directory(folder_of(path_));
    }

    Result<bool> abandon() override {
        ANNALS_TRY(const bool has_state, files_.exists(state_of(path_)));
        if (has_state) return true;
        ANNALS_CHECK(files_.remove(part_of(path_)));
        ANNALS_CHECK(files_.sync_directory(folder_of(path_)));
        return false;
    }

  private:
    Status write_new(const std::string& path, const std::string& text) {
        ANNALS_TRY(const bool is_there, files_.exists(path));
        if (is_there) ANNALS_CHECK(files_.remove(path));
        ANNALS_TRY(const auto file, files_.open(path, log::FileSystem::Mode::kCreate));
        ANNALS_CHECK(file->write_at(0, text));
        return file->sync();
    }

    log::FileSystem& files_;
    const std::string path_;
    const ExportPlan plan_;
    std::unique_ptr<log::File> file_;
    PackingBuffer buffer_;
    std::ostream stream_;
    std::uint64_t marked_;
};

}  // namespace

Result<ExportPlan> ExportFile::find_plan(
    log::FileSystem& files, const std::string& path, const std::string& what, std::string& why_not
) {
    why_not.clear();
    ExportPlan fresh;
    fresh.what = what;
    ANNALS_TRY(const bool has_part, files.exists(part_of(path)));
    if (!has_part) return fresh;
    ANNALS_TRY(const std::optional<State> state, read_state(files, path));
    if (!state) {
        why_not = "it was stopped before the first place to go on from";
    } else if (state->plan.what != what) {
        why_not = "it was an export of something else";
    } else {
        ANNALS_TRY(const auto part, files.open(part_of(path), log::FileSystem::Mode::kReadWrite));
        ANNALS_TRY(const std::uint64_t bytes, part->size());
        if (bytes >= state->bytes) return state->plan;
        why_not = "it is shorter than its state says";
    }
    return fresh;
}

Result<std::unique_ptr<ExportFile>> ExportFile::open(
    log::FileSystem& files, const std::string& path, const ExportPlan& plan, bool may_replace
) {
    ANNALS_TRY(const bool is_there, files.exists(path));
    if (is_there && !may_replace) {
        return Error(ErrorCode::kNotEmpty, path + " is there already")
            .with("remedy", "Name another file, or say --force.")
            .with("file", path);
    }
    std::uint64_t end = 0;
    if (plan.cursor.empty()) {
        for (const std::string& old : {part_of(path), state_of(path)}) {
            ANNALS_TRY(const bool is_old, files.exists(old));
            if (is_old) ANNALS_CHECK(files.remove(old));
        }
    } else {
        ANNALS_TRY(const std::optional<State> state, read_state(files, path));
        if (!state) return Error(ErrorCode::kInternal, state_of(path) + " has gone meanwhile");
        end = state->bytes;
    }
    const auto mode = plan.cursor.empty() ? log::FileSystem::Mode::kCreate
                                          : log::FileSystem::Mode::kReadWrite;
    ANNALS_TRY(std::unique_ptr<log::File> file, files.open(part_of(path), mode));
    if (!plan.cursor.empty()) {
        ANNALS_TRY(const std::uint64_t size, file->size());
        if (size < end) {
            return Error(
                ErrorCode::kDataLoss,
                part_of(path) + " is shorter than its state says: remove it, and begin again"
            );
        }
        ANNALS_CHECK(file->resize(end));
    }
    return std::unique_ptr<ExportFile>(
        std::make_unique<ExportFileBody>(files, path, plan, std::move(file), end)
    );
}

}  // namespace annals::interchange
