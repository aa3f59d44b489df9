// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <algorithm>
#include <array>
#include <utility>

#include "annals/interchange/time_parser.hpp"
#include "annals/interchange/xes_format.hpp"
#include "annals/model/names.hpp"

#include "xes_attributes.hpp"
#include "xes_parser.hpp"

namespace annals::interchange {
namespace {

constexpr std::size_t kPieceBytes = 64u << 10u;
constexpr std::string_view kRejectsHead =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<log xes.version=\"1849-2016\" "
    "xes.features=\"\">\n";

class XesSource final : public RecordSource {
  public:
    XesSource(std::istream& input, XesOptions options, TimeParser times)
        : input_(input),
          options_(std::move(options)),
          times_(std::move(times)),
          parser_(options_.element_bytes_max) {}

    Result<bool> next(Record& record) override {
        while (parser_.events().empty()) {
            if (broken_) return *broken_;
            if (is_drained_) return false;
            read_piece();
        }
        event_ = std::move(parser_.events().front());
        parser_.events().pop_front();
        record = {};
        record.line = event_.line;
        record.number = ++number_;
        record.raw = event_.raw;
        arena_.clear();
        if (Status made = make(record); !made) return with_place(made.error());
        return true;
    }

    [[nodiscard]] std::uint64_t consumed() const override { return consumed_; }
    [[nodiscard]] RejectsFrame rejects_frame() const override {
        return {std::string(kRejectsHead), "</log>\n"};
    }

  private:
    void read_piece() {
        input_.read(piece_.data(), static_cast<std::streamsize>(piece_.size()));
        const auto got = static_cast<std::size_t>(input_.gcount());
        consumed_ += got;
        if (input_.bad()) {
            broken_ = Error(ErrorCode::kIoError, "the input cannot be read any further");
            return;
        }
        is_drained_ = got < piece_.size();
        if (Status taken = parser_.take({piece_.data(), got}, is_drained_); !taken)
            broken_ = std::move(taken).take_error();
    }

    Error with_place(const Error& error) const {
        const std::string place = event_.trace_number == 0
                                      ? "an event outside of any trace"
                                      : "trace " + std::to_string(event_.trace_number) +
                                            ", event " + std::to_string(event_.event_number);
        return Error(error.code(), place + ": " + std::string(error.message()));
    }

    Status make(Record& record) {
        stream_ = options_.stream_prefix;
        members_.clear();
        bool has_name = false;
        for (const XesAttribute& attribute : *event_.of_trace) {
            if (attribute.key == kXesName && !attribute.is_list() && !has_name) {
                stream_ += attribute.value;
                has_name = true;
            } else {
                members_.push_back(attribute);
                members_.back().key.insert(0, "case:");
            }
        }
        if (!has_name) {
            return Error(
                ErrorCode::kInvalidArgument, "a trace's concept:name names its stream: give it one"
            );
        }
        record.event.stream = stream_;
        taken_.clear();
        unsigned stamped = 0;
        for (XesAttribute& attribute : event_.attributes) {
            ANNALS_CHECK(take(attribute, record, stamped));
        }
        record.has_stamp = stamped == 3;
        take_data(record);
        return ok();
    }

    Status take(XesAttribute& attribute, Record& record, unsigned& stamped) {
        model::RecordedEvent& event = record.event;
        const std::string_view key = attribute.key;
        if (attribute.is_list() || is_another(key)) {
            members_.push_back(attribute);
        } else if (key == kXesName) {
            event.type = attribute.value;
        } else if (key == kXesTime) {
            ANNALS_TRY(event.valid_time, times_.parse(attribute.value));
        } else if (key == kXesResource) {
            event.actor = attribute.value;
        } else if (key == kXesId && Uuid::parse(attribute.value)) {
            event.id = *Uuid::parse(attribute.value);
        } else if (key == kXesTimeIsRecorded) {
            time_is_recorded_ = attribute.value == "true";
        } else if (const std::optional<Field> field = own_field_of(key)) {
            if (*field <= Field::kRecordedTime) ++stamped;
            return fields_.read(*field, attribute.value, record, arena_);
        } else {
            members_.push_back(attribute);
        }
        return ok();
    }

    /// Of what an event has once the first one counts; another one is data like any attribute.
    bool is_another(std::string_view key) {
        if (!is_taken_key(key)) return false;
        if (std::ranges::find(taken_, key) != taken_.end()) return true;
        taken_.push_back(key);
        return false;
    }

    void take_data(Record& record) {
        model::RecordedEvent& event = record.event;
        if (std::exchange(time_is_recorded_, false)) event.valid_time.reset();
        if (!event.data.empty() || members_.empty()) return;
        data_ = json_of_attributes(members_);
        event.data = data_;
    }

    std::istream& input_;
    const XesOptions options_;
    TimeParser times_;
    XesParser parser_;
    FieldReader fields_;
    std::array<char, kPieceBytes> piece_{};
    std::optional<Error> broken_;
    bool is_drained_ = false;
    bool time_is_recorded_ = false;
    std::uint64_t consumed_ = 0;
    std::uint64_t number_ = 0;
    XesEvent event_;
    std::string stream_;
    std::vector<XesAttribute> members_;
    std::vector<std::string_view> taken_;  ///< keys with a meaning of their own, of the event
    std::string data_;
    Arena arena_;
};

}  // namespace

Result<std::unique_ptr<RecordSource>> make_xes_source(std::istream& input, XesOptions options) {
    ANNALS_TRY(TimeParser times, TimeParser::make("iso", options.time_zone));
    return std::unique_ptr<RecordSource>(
        std::make_unique<XesSource>(input, std::move(options), std::move(times))
    );
}

}  // namespace annals::interchange
