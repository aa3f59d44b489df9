// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The annals authors
#include "annals/typed.hpp"

#include "stage.hpp"

namespace annals::scenarios {

struct Product {
    std::string name;
    int price = 0;
    std::vector<std::string> tags;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Product, name, price, tags)

namespace {

Json shown(Stage& stage, const Json& arguments, const Written& written) {
    stage.tokens[text(arguments, "as")] = written.position;
    return {
        {"revision", written.revision.value},
        {"is_created", written.is_created},
        {"is_unchanged", written.is_unchanged}
    };
}

Json crud(Stage& stage, const Json& arguments) {
    const Entities<Product> products(stage.from(arguments), "product");
    const std::string what = text(arguments, "do");
    const std::string id = text(arguments, "id");
    WriteOptions options;
    if (arguments.contains("expected")) {
        options.expected = Revision(static_cast<std::uint64_t>(number(arguments, "expected")));
    }
    const auto revision = [&](const char* name) {
        return Revision(static_cast<std::uint64_t>(number(arguments, name)));
    };
    if (what == "create") {
        return shown(stage, arguments, products.create(id, arguments.at("value"), options));
    }
    if (what == "replace") {
        return shown(stage, arguments, products.replace(id, arguments.at("value"), options));
    }
    if (what == "patch") {
        return shown(stage, arguments, products.patch(id, arguments.at("patch"), options));
    }
    if (what == "undo") {
        return shown(stage, arguments, products.undo(id, revision("to_revision"), options));
    }
    if (what == "delete") return shown(stage, arguments, products.remove(id, options));
    if (what == "get") {
        const AsOf as_of = arguments.contains("as_of_revision") ? AsOf(revision("as_of_revision"))
                                                                : AsOf();
        const Entity<Product> product = products.get(id, as_of);
        return {{"value", product.value}, {"revision", product.revision.value}};
    }
    if (what == "history") {
        Json changes = Json::array();
        for (const Change& change : products.history(id)) {
            changes.push_back({{"kind", change.kind}, {"revision", change.revision.value}});
        }
        return {{"changes", changes}};
    }
    const ListOptions list{.where = texts(arguments, "where")};
    if (what == "list") {
        Json values = Json::array();
        for (const Entity<Product>& product : products.list(list)) values.push_back(product.value);
        return {{"values", values}};
    }
    if (what == "count") return {{"count", products.count(list)}};
    throw std::runtime_error("the runner does not know \"" + what + "\"");
}

Json session(Stage& stage, const Json& arguments) {
    std::string name = text(arguments, "of");
    if (name.empty()) {
        name = text(arguments, "as");
        stage.sessions.insert_or_assign(name, stage.client.session());
    }
    return {{"position", stage.sessions.at(name).position()}};
}

}  // namespace

std::map<std::string, Verb> object_verbs() { return {{"crud", crud}, {"session", session}}; }

}  // namespace annals::scenarios
