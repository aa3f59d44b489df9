// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <string>
#include <utility>

#include "annals/interchange/json_formats.hpp"
#include "annals/json_events/archived_event.hpp"
#include "annals/json_events/event_json.hpp"

#include "text_output.hpp"

namespace annals::interchange {
namespace {

class NdjsonSink final : public RecordSink {
  public:
    explicit NdjsonSink(std::ostream& output) : output_(output) {}

    [[nodiscard]] bool keeps_removed() const override { return true; }
    Status begin(bool) override { return ok(); }
    Status write(const Record& record) override {
        std::string& text = output_.text();
        json_events::append_archived_event(
            text,
            record.event,
            record.append ? &*record.append : nullptr,
            record.removal ? &*record.removal : nullptr
        );
        text.push_back('\n');
        return output_.write();
    }
    Status end() override { return output_.end(); }

  private:
    TextOutput output_;
};

class CloudEventsSink final : public RecordSink {
  public:
    CloudEventsSink(std::ostream& output, CloudShape shape, std::string name_space)
        : output_(output), shape_(shape), name_space_(std::move(name_space)) {}

    Status begin(bool is_resumed) override {
        is_first_ = !is_resumed;
        if (shape_ == CloudShape::kArray && !is_resumed) output_.text() += '[';
        return output_.write();
    }
    Status write(const Record& record) override {
        std::string& text = output_.text();
        if (shape_ == CloudShape::kArray) text += is_first_ ? "\n" : ",\n";
        is_first_ = false;
        json_events::append_cloud_event(text, record.event, name_space_);
        if (shape_ == CloudShape::kLines) text.push_back('\n');
        return output_.write();
    }
    Status end() override {
        if (shape_ == CloudShape::kArray) output_.text() += "\n]\n";
        return output_.end();
    }

  private:
    TextOutput output_;
    const CloudShape shape_;
    const std::string name_space_;
    bool is_first_ = true;
};

}  // namespace

std::unique_ptr<RecordSink> make_ndjson_sink(std::ostream& output) {
    return std::make_unique<NdjsonSink>(output);
}

std::unique_ptr<RecordSink> make_cloud_events_sink(
    std::ostream& output, CloudShape shape, std::string name_space
) {
    return std::make_unique<CloudEventsSink>(output, shape, std::move(name_space));
}

}  // namespace annals::interchange
