# Libraries: Debian's packages, and libtorch from wherever CMAKE_PREFIX_PATH (or an active Python) says.
find_package(OpenMP REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)

add_library(clipig_image_libraries INTERFACE)
pkg_check_modules(PICTURES REQUIRED IMPORTED_TARGET libpng libjpeg libtiff-4 libwebp libwebpmux libwebpdemux)
find_package(GIF REQUIRED)
target_link_libraries(clipig_image_libraries INTERFACE PkgConfig::PICTURES GIF::GIF)

# for the program clipig-video alone
add_library(clipig_video_libraries INTERFACE)
pkg_check_modules(VIDEO REQUIRED IMPORTED_TARGET libavformat libavcodec libavutil libswscale libwebp libwebpmux libwebpdemux)
target_link_libraries(clipig_video_libraries INTERFACE PkgConfig::VIDEO)

add_library(clipig_model_libraries INTERFACE)
pkg_check_modules(NETWORK REQUIRED IMPORTED_TARGET libcurl zlib icu-uc icu-i18n)
target_link_libraries(clipig_model_libraries INTERFACE PkgConfig::NETWORK)

# libtorch: a torch inside the active Python environment is used when no other is named
if(NOT CMAKE_PREFIX_PATH AND DEFINED ENV{VIRTUAL_ENV})
    execute_process(COMMAND $ENV{VIRTUAL_ENV}/bin/python -c "import torch; print(torch.utils.cmake_prefix_path)"
        OUTPUT_VARIABLE CLIPIG_PYTHON_TORCH OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(CLIPIG_PYTHON_TORCH)
        list(APPEND CMAKE_PREFIX_PATH ${CLIPIG_PYTHON_TORCH})
    endif()
endif()
find_package(Torch REQUIRED)
# Debian's dnnl-config.cmake asks for OpenCL, which we do not use
find_library(DNNL_LIBRARY dnnl REQUIRED)
find_path(DNNL_INCLUDE dnnl.hpp REQUIRED)

add_library(clipig_torch INTERFACE)
target_include_directories(clipig_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS} ${DNNL_INCLUDE})
target_link_libraries(clipig_torch INTERFACE ${TORCH_LIBRARIES} ${DNNL_LIBRARY} OpenMP::OpenMP_CXX)
separate_arguments(CLIPIG_TORCH_FLAGS NATIVE_COMMAND "${TORCH_CXX_FLAGS}")
target_compile_options(clipig_torch INTERFACE ${CLIPIG_TORCH_FLAGS})

if(CLIPIG_TESTS)
    find_package(GTest REQUIRED)
endif()
