// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "selector.hpp"

#include "naming.hpp"

namespace annals::dialect_eskit {
namespace {

constexpr std::string_view kAny = "*";

}  // namespace

Selector::Selector(std::string_view selector, std::string_view pipeline)
    : entity_(entity_type_of(selector)),
      event_(event_name_of(selector)),
      pipeline_(pipeline),
      is_any_selector_(selector.empty() || selector == kAny || selector == "*.*") {}

bool Selector::matches(std::string_view event_type) const {
    const std::string_view entity = entity_type_of(event_type);
    if (!pipeline_.empty() && entity != pipeline_) return false;
    if (is_any_selector_) return true;
    return (entity_ == kAny || entity == entity_) &&
           (event_ == kAny || event_name_of(event_type) == event_);
}

std::vector<std::string> Selector::exact_types() const {
    if (is_any_selector_ || entity_ == kAny || event_ == kAny) return {};
    if (entity_.empty()) return {event_, "." + event_};
    return {entity_ + "." + event_};
}

std::string Selector::type_prefix() const {
    if (!pipeline_.empty()) return pipeline_ + ".";
    if (is_any_selector_ || entity_ == kAny || entity_.empty()) return "";
    return entity_ + ".";
}

}  // namespace annals::dialect_eskit
