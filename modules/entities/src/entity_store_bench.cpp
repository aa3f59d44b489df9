// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// A get of an entity by its number of updates, over the whole store in memory; a document of 1 KiB.
#include "annals/entities/entity_store.hpp"

#include <cstdint>
#include <cstdlib>
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
BENCHMARK(get_after_updates)->Arg(10)->Arg(60)->Arg(1'000)->Arg(10'000);

}  // namespace
}  // namespace annals::entities
