#include "models/strict_json.h"

#include <set>
#include <vector>

#include "models/tensor_table.h"

namespace clipig {

nlohmann::json parse_strict_json(std::string_view text, const std::string& name, int deepest) {
    using Event = nlohmann::json::parse_event_t;
    std::vector<std::set<std::string>> keys;  // of the objects that are open, outermost first
    const auto callback = [&](int depth, Event event, nlohmann::json& value) {
        if (depth > deepest) refuse(name, "its JSON is nested more than " + std::to_string(deepest) + " levels deep");
        if (event == Event::object_start) keys.emplace_back();
        if (event == Event::object_end) keys.pop_back();
        if (event == Event::key && !keys.back().insert(value.get_ref<const std::string&>()).second) {
            refuse(name, "the key '" + shown(value.get_ref<const std::string&>()) + "' comes twice");
        }
        return true;
    };
    try {
        return nlohmann::json::parse(text, callback);
    } catch (const nlohmann::json::exception& error) {
        refuse(name, std::string("it is not valid JSON: ") + shown(error.what()));
    }
}

}  // namespace clipig
