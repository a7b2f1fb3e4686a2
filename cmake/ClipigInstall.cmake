# cmake --install build [--prefix FOLDER]: `clipig` in bin, the programs that it starts in libexec/clipig, the bundled model in share/clipig. The
# programs find each other from where they are, so the whole may be moved.
include(GNUInstallDirs)
set(CMAKE_INSTALL_LIBEXECDIR libexec)  # src/app/main.cpp looks there
install(TARGETS clipig RUNTIME)
install(TARGETS clipig-engine clipig-video RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/clipig)
if(CLIPIG_EMPTY_LIBRARIES)
    install(DIRECTORY ${CLIPIG_EMPTY_FOLDER} DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/clipig USE_SOURCE_PERMISSIONS)
endif()
install(DIRECTORY models DESTINATION ${CMAKE_INSTALL_DATADIR}/clipig)
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN *.yaml)
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
