# fuzz/NAME_fuzz.cpp is the libFuzzer program NAME_fuzz (clang). Everything below it is compiled with the fuzzer's coverage, too:
# configure with the preset `fuzz`. Corpora are in fuzz/corpus/NAME.
if(CLIPIG_FUZZ)
    if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
        message(FATAL_ERROR "CLIPIG_FUZZ needs clang: cmake --preset fuzz")
    endif()
    file(GLOB targets CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/fuzz/*_fuzz.cpp)
    foreach(source ${targets})
        get_filename_component(name ${source} NAME_WE)
        add_executable(${name} ${source})
        target_link_libraries(${name} PRIVATE clipig_config clipig_models clipig_image)
        target_link_options(${name} PRIVATE -fsanitize=fuzzer,address,undefined)
    endforeach()
endif()
