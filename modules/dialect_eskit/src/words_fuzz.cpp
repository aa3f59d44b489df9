// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "annals/base/assert.hpp"
#include "annals/codec/text.hpp"
#include "annals/model/names.hpp"

#include "go_text.hpp"
#include "naming.hpp"
#include "selector.hpp"
#include "translation.hpp"

/// Whatever a client sends: names are those that the store takes, and what is stored comes back as
/// sent.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace model = annals::model;
    using annals::dialect_eskit::check_event;
    using annals::dialect_eskit::entity_type_of;
    using annals::dialect_eskit::parse_uint;
    using annals::dialect_eskit::quoted;
    using annals::dialect_eskit::Selector;
    using annals::dialect_eskit::StoredForm;
    using annals::dialect_eskit::stream_name;
    using annals::dialect_eskit::VersionText;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    (void)parse_uint(bytes);
    (void)quoted(bytes);

    contracts::eventstore::Event event;
    if (!event.ParseFromArray(data, static_cast<int>(size))) return 0;
    const Selector selector(event.payload(), event.originator().id());
    const std::string& type = event.event_type();
    ANNALS_ASSERT(
        !selector.matches(type) || type.starts_with(selector.type_prefix()), "no match is left out"
    );
    const auto checked = check_event(event);
    if (!checked) return 0;
    const StoredForm form(*checked);
    model::RecordedEvent stored;
    static_cast<model::NewEvent&>(stored) = form.event();
    const std::string stream = stream_name(entity_type_of(type), checked->key);
    stored.stream = stream;
    ANNALS_ASSERT(model::check_user_stream_name(stream).has_value(), "a stream's name");
    ANNALS_ASSERT(model::check_type_name(stored.type).has_value(), "a type's name");
    for (const auto tag : stored.tags) ANNALS_ASSERT(model::check_tag(tag).has_value(), "a tag");
    const auto back = to_contract(stored, VersionText::kVerbatim);
    ANNALS_ASSERT(back.originator().id() == event.originator().id(), "the id comes back");
    ANNALS_ASSERT(back.originator().version() == event.originator().version(), "the version too");
    ANNALS_ASSERT(back.event_type() == type, "the type too");
    ANNALS_ASSERT(back.payload() == event.payload(), "the payload too");
    ANNALS_ASSERT(back.occured_on() == event.occured_on(), "the time too");
    return 0;
}
