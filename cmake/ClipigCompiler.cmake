# Compiler settings that hold for every target.
option(CLIPIG_NATIVE "optimise for the processor of this machine" ON)

add_library(clipig_flags INTERFACE)
target_compile_options(clipig_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wdouble-promotion
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)  # false alarms of g++ 12 in std::string: GCC bug 105651
if(CLIPIG_WERROR)
    target_compile_options(clipig_flags INTERFACE -Werror)
endif()
if(CLIPIG_NATIVE)
    target_compile_options(clipig_flags INTERFACE -march=native)
endif()
if(CLIPIG_SANITIZE)
    target_compile_options(clipig_flags INTERFACE -fsanitize=${CLIPIG_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
    target_link_options(clipig_flags INTERFACE -fsanitize=${CLIPIG_SANITIZE})
endif()
if(CLIPIG_FUZZ)
    # coverage for the fuzzer in every library; checksums of zip archives would stop nearly every mutated input
    target_compile_options(clipig_flags INTERFACE -fsanitize=fuzzer-no-link,address,undefined)
    target_compile_definitions(clipig_flags INTERFACE FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION)
endif()
target_compile_definitions(clipig_flags INTERFACE CLIPIG_VERSION="${PROJECT_VERSION}")
target_include_directories(clipig_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)

find_program(CLIPIG_CCACHE ccache)
if(CLIPIG_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CLIPIG_CCACHE})
endif()
