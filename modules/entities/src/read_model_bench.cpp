// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
//
// A list of 1,000 entities and a filtered one among 100,000, folded and by the read model, over the
// whole store in memory; documents of 200 bytes, four events an entity of ten.
#include "annals/entities/read_model.hpp"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "annals/documents/document_text.hpp"
#include "annals/entities/entity_store.hpp"
#include "annals/namespaces/testing/memory_store.hpp"

namespace annals::entities {
namespace {

constexpr int kEntities = 100'000;

struct Setting {
    Setting() {
        ReadModelOptions options;
        options.is_in_memory = true;
        model = std::move(ReadModel::open(memory.store(), options).value());
        folding = std::make_unique<EntityStore>(memory.store());
        modelled = std::make_unique<EntityStore>(memory.store(), model.get());
        for (int first = 0; first < kEntities; first += 1'000) {
            std::vector<NewEntity> many;
            for (int i = first; i < first + 1'000; ++i) many.push_back({id_of(i), document_of(i)});
            if (!folding->create_many({}, "product", std::move(many), {})) std::abort();
        }
        api::EntityStore& entities = *folding;
        for (int i = 0; i < kEntities; i += 10) {
            for (int more = 1; more <= 3; ++more) {
                const documents::Value document = document_of(i + more);
                if (!entities.replace({}, {"product", id_of(i)}, document)) std::abort();
            }
        }
    }
    static std::string id_of(int i) { return std::to_string(1'000'000 + i); }
    static documents::Value document_of(int i) {
        const std::string text = R"({"n":)" + std::to_string(i % 1'000) + R"(,"text":")" +
                                 std::string(180, 'a') + R"("})";
        return documents::parse_document(text).value();
    }

    namespaces::testing::MemoryStore memory;
    std::unique_ptr<ReadModel> model;
    std::unique_ptr<EntityStore> folding;
    std::unique_ptr<EntityStore> modelled;
};

Setting& setting() {
    static Setting one;
    return one;
}

api::EntityStore& store_of(const benchmark::State& state) {
    return state.range(0) == 0 ? *setting().folding : *setting().modelled;
}

void list_1000_of_100000(benchmark::State& state) {
    ListEntities request;
    request.type = "product";
    request.after = Setting::id_of(50'000);
    request.limit = 1'000;
    setting();
    for (auto _ : state) {
        const auto page = store_of(state).list({}, request);
        if (!page || page->entities.size() != 1'000) std::abort();
    }
    setting().model->wait_until_built();
}
BENCHMARK(list_1000_of_100000)->ArgName("model")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

/// Of 100, which are among 100,000: a fold looks at 10,000 a call.
void list_by_filter(benchmark::State& state) {
    ListEntities request;
    request.type = "product";
    request.limit = 1'000;
    request.filters.push_back(parse_filter("n=777").value());
    setting();
    for (auto _ : state) {
        std::size_t found = 0;
        request.after.clear();
        do {
            const auto page = store_of(state).list({}, request);
            if (!page) std::abort();
            found += page->entities.size();
            request.after = page->next;
        } while (!request.after.empty());
        if (found != 100) std::abort();
    }
}
BENCHMARK(list_by_filter)->ArgName("model")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void count_all(benchmark::State& state) {
    ListEntities request;
    request.type = "product";
    setting();
    for (auto _ : state) {
        std::uint64_t counted = 0;
        request.after.clear();
        do {
            const auto count = store_of(state).count({}, request);
            if (!count) std::abort();
            counted += count->entities;
            request.after = count->next;
        } while (!request.after.empty());
        if (counted != kEntities) std::abort();
    }
}
BENCHMARK(count_all)->ArgName("model")->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void build_of_100000(benchmark::State& state) {
    ListEntities request;
    request.type = "product";
    setting();
    for (auto _ : state) {
        ReadModelOptions options;
        options.is_in_memory = true;
        auto model = ReadModel::open(setting().memory.store(), options).value();
        EntityStore entities(setting().memory.store(), model.get());
        if (!entities.list({}, request)) std::abort();
        model->wait_until_built();
    }
}
BENCHMARK(build_of_100000)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
}  // namespace annals::entities
