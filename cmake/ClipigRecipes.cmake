# The recipes of `quality:` become a source of clipig_config, so that the program needs no file beside it.
file(GLOB recipes CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/config/recipes/*.yaml)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${recipes})
set(cases "")
foreach(recipe ${recipes})
    get_filename_component(name ${recipe} NAME_WE)
    file(READ ${recipe} text)
    string(APPEND cases "    if (name == \"${name}\") return R\"recipe(${text})recipe\";\n")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/recipes.cpp CONTENT "// made from src/config/recipes
#include \"config/recipes.h\"

namespace clipig {

std::string_view recipe_text(std::string_view name) {
${cases}    return {};
}

}  // namespace clipig
" @ONLY)
target_sources(clipig_config PRIVATE ${CMAKE_BINARY_DIR}/recipes.cpp)
