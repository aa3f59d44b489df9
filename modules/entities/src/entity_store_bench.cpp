// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// A get of an entity by its number of updates, and a change of what is in memory beside a plain
// append; over the whole store in memory; a document of 1 KiB.
#include "annals/entities/entity_store.hpp"

#include <cstdint>
#include <cstdlib>
#include <future>
#include <string>

#include <benchmark/benchmark.h>

#include "annals/documents/document_text.hpp"
#include "annals/namespaces/testing/memory_store.hpp"

namespace annals::entities {
namespace {

documents::Value document_of(std::int64_t number) {
    const std::string text = R"({"n":)" + std::to_string(number) + R"(,"text":")" +
                             std::string(1'000, 'a') + R"("})";
    return documents::parse_document(text).value();
}

void get_after_updates(benchmark::State& state) {
    namespaces::testing::MemoryStore memory;
    EntityStore direct(memory.store());
    api::EntityStore& entities = direct;
    const EntityKey key{"product", "7"};
    if (!entities.create({}, key.type, {key.id, document_of(0)})) std::abort();
    for (std::int64_t i = 1; i <= state.range(0); ++i) {
        if (!entities.replace({}, key, document_of(i))) std::abort();
    }
    for (auto _ : state) {
        auto entity = entities.get({}, key);
        if (!entity) std::abort();
        benchmark::DoNotOptimize(entity);
    }
}
void update(benchmark::State& state) {
    namespaces::testing::MemoryStore memory;
    EntityStore entities(memory.store());
    const EntityKey key{"product", "7"};
    if (!entities.create({}, key.type, {key.id, document_of(0)}, {})) std::abort();
    std::int64_t number = 0;
    for (auto _ : state) {
        const std::string text = R"({"n":)" + std::to_string(++number) + "}";
        const documents::Patch patch{
            documents::PatchFormat::kMerge, documents::parse_document(text).value()
        };
        std::promise<bool> written;
        const bool is_taken = entities.try_patch({}, key, patch, {}, [&](const auto& answer) {
            written.set_value(answer.has_value());
        });
        // One in 64 leaves a snapshot.
        const bool is_written = is_taken ? written.get_future().get()
                                         : entities.patch({}, key, patch, {}).has_value();
        if (!is_written) std::abort();
    }
}

void append(benchmark::State& state) {
    namespaces::testing::MemoryStore memory;
    std::int64_t number = 0;
    for (auto _ : state) {
        const std::string text = R"({"n":)" + std::to_string(++number) + "}";
        model::AppendRequest request;
        request.stream = "product-7";
        model::NewEvent& event = request.events.emplace_back();
        event.type = "product.Updated";
        event.data = text;
        if (!memory.store().append_and_wait({}, request)) std::abort();
    }
}

BENCHMARK(update)->UseRealTime();
BENCHMARK(append)->UseRealTime();
BENCHMARK(get_after_updates)->Arg(10)->Arg(60)->Arg(1'000)->Arg(10'000);

}  // namespace
}  // namespace annals::entities
