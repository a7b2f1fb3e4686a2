#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "config/test_schema.h"

namespace clipig {
namespace {

using Json = nlohmann::json;

TEST(JsonSchema, NamesEverySectionAndOperator) {
    const Json schema = Json::parse(json_schema(*test::shared_schema()));
    EXPECT_EQ(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    EXPECT_EQ(schema["properties"]["targets"]["items"]["$ref"], "#/$defs/target");
    EXPECT_EQ(schema["$defs"]["feature"]["properties"]["loss"]["$ref"], "#/$defs/choice_loss");
    EXPECT_EQ(schema["properties"]["resolution"]["anyOf"][1]["maxItems"], 2);
    bool blur = false;
    for (const Json& entry : schema["$defs"]["transform"]["anyOf"]) {
        if (entry.contains("properties") && entry["properties"].contains("blur")) {
            blur = true;
            EXPECT_EQ(entry["required"], Json::array({"blur"}));
        }
    }
    EXPECT_TRUE(blur);
}

TEST(JsonSchema, EveryReferenceExists) {
    const Json schema = Json::parse(json_schema(*test::shared_schema()));
    const std::string text = schema.dump();
    const std::string mark = "\"$ref\":\"#/$defs/";
    std::size_t count = 0;
    for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
        const std::size_t begin = at + mark.size();
        EXPECT_TRUE(schema["$defs"].contains(text.substr(begin, text.find('"', begin) - begin)));
        ++count;
    }
    EXPECT_GE(count, 8u);
}

}  // namespace
}  // namespace clipig
