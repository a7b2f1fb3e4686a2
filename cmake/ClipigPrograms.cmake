# The programs. `clipig` is small and knows no torch: it checks configurations, prints documentation, and becomes
# `clipig-engine` for everything that needs a model or a tensor. What it knows of the operators is written by schema_dump,
# which asks them.
get_property(CLIPIG_OPERATORS GLOBAL PROPERTY CLIPIG_OPERATOR_OBJECTS)
set(app ${CMAKE_SOURCE_DIR}/src/app)
set(shared ${app}/command_line.cpp ${app}/guarded_main.cpp ${app}/experiment.cpp ${app}/story.cpp ${app}/paint_document.cpp ${app}/matrix.cpp ${app}/plain_name.cpp)
file(GLOB commands CONFIGURE_DEPENDS ${app}/*_command.cpp)
set(front_commands ${app}/check_command.cpp ${app}/docs_command.cpp ${app}/list_command.cpp ${app}/models_command.cpp
    ${app}/show_command.cpp ${app}/plot_command.cpp)
set(engine_commands ${commands})
list(REMOVE_ITEM engine_commands ${front_commands})

add_library(clipig_command_line STATIC ${shared} ${app}/download_display.cpp)
target_link_libraries(clipig_command_line PUBLIC clipig_config clipig_models CLI11::CLI11)

add_executable(schema_dump ${app}/schema_dump.cpp ${CLIPIG_OPERATORS})
target_link_libraries(schema_dump PRIVATE clipig_ops)
clipig_uses_torch(schema_dump)
add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/embedded_schema.cpp
    COMMAND schema_dump ${CMAKE_BINARY_DIR}/embedded_schema.cpp
    DEPENDS schema_dump VERBATIM)
add_library(clipig_embedded_schema STATIC ${CMAKE_BINARY_DIR}/embedded_schema.cpp)
target_link_libraries(clipig_embedded_schema PUBLIC clipig_config)

add_executable(clipig ${app}/main.cpp ${app}/line_plot.cpp ${front_commands})
target_link_libraries(clipig PRIVATE clipig_command_line clipig_embedded_schema clipig_models)

add_executable(clipig-engine ${app}/engine_main.cpp ${app}/devices.cpp ${app}/tensor_io.cpp ${app}/embeddings.cpp ${app}/painter.cpp ${app}/paint_matrix.cpp ${app}/candidates.cpp ${app}/outlets.cpp ${app}/continuation.cpp ${engine_commands} ${CLIPIG_OPERATORS})
target_link_libraries(clipig-engine PRIVATE clipig_command_line clipig_sinks)
clipig_uses_torch(clipig-engine)
set_target_properties(clipig-engine PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)  # of another libtorch
add_dependencies(clipig clipig-engine)

# encodes videos; apart from the others because of the hundred libraries that libav brings
add_executable(clipig-video ${app}/video_main.cpp)
target_link_libraries(clipig-video PRIVATE clipig_video)
add_dependencies(clipig-engine clipig-video)
