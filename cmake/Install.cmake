# What `make install` and the packages put where. The tree may be moved as a whole: programs find their shared libraries, driver
# and sample study from where they themselves are ($ORIGIN, /proc/self/exe), and the CMake config from where it lies.
#   bin/                    programs
#   lib/imednet/            private shared libraries, and those linked into libimednet.a's users
#   lib/imednet/drivers/    the driver: a library named as the driver manager asks for it
#   lib/, lib/cmake/, include/   for other programs: find_package(imednet), target imednet::imednet
#   share/                  completions, manual pages, licences, the sample study
# Components: program, development, sandbox.
include(CMakePackageConfigHelpers)

# Completions and manual pages are written by the program itself, from its own definitions of commands and flags.
set(share "${CMAKE_BINARY_DIR}/share")
add_custom_command(OUTPUT "${share}/written"
  COMMAND "${CMAKE_COMMAND}" -E rm -rf "${share}"
  COMMAND "${CMAKE_COMMAND}" -E make_directory "${share}/completions"
  COMMAND sh -c "\"$1\" completion bash >\"$2/imednet\" && \"$1\" completion zsh >\"$2/_imednet\" && \"$1\" completion fish >\"$2/imednet.fish\""
    sh "$<TARGET_FILE:imednet_program>" "${share}/completions"
  COMMAND imednet_program man --directory "${share}/man1"
  COMMAND "${CMAKE_COMMAND}" -E touch "${share}/written"
  DEPENDS imednet_program VERBATIM)
add_custom_target(imednet_share ALL DEPENDS "${share}/written")

set_target_properties(imednet_program imednet-sandbox PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/imednet")
install(TARGETS imednet_program RUNTIME DESTINATION bin COMPONENT program)
install(FILES "${share}/completions/imednet" DESTINATION share/bash-completion/completions COMPONENT program)
install(FILES "${share}/completions/_imednet" DESTINATION share/zsh/site-functions COMPONENT program)
install(FILES "${share}/completions/imednet.fish" DESTINATION share/fish/vendor_completions.d COMPONENT program)
install(DIRECTORY "${share}/man1" DESTINATION share/man COMPONENT program)

# The driver manager takes a path in a manifest as it stands: an absolute one would not outlive a move, a relative one would mean
# the folder the program is started in. So no manifest is installed, and the library bears the very name that is looked for.
install(FILES "${IMEDNET_SNOWFLAKE_DRIVER}" DESTINATION lib/imednet/drivers RENAME snowflake COMPONENT program)
install(FILES "${IMEDNET_SQLITE_DRIVER}" DESTINATION lib/imednet/drivers RENAME sqlite COMPONENT program)
install(FILES "${IMEDNET_POSTGRESQL_DRIVER}" DESTINATION lib/imednet/drivers RENAME postgresql COMPONENT program)
install(FILES "${IMEDNET_DUCKDB_LIBRARY}" DESTINATION lib/imednet/drivers RENAME duckdb COMPONENT program)

# Licences: ours, and those of what is installed with it.
install(FILES "${CMAKE_SOURCE_DIR}/LICENSE" "${CMAKE_SOURCE_DIR}/NOTICE" "${CMAKE_SOURCE_DIR}/CHANGELOG.md"
  DESTINATION share/doc/imednet COMPONENT program)
function(install_licences name component)
  file(GLOB texts ${ARGN})
  install(FILES ${texts} DESTINATION share/doc/imednet/${name} COMPONENT ${component})
endfunction()
install_licences(adbc-driver-snowflake program "${IMEDNET_WHEELS}/adbc_driver_snowflake-*.dist-info/licenses/*")
install_licences(adbc-driver-sqlite program "${IMEDNET_WHEELS}/adbc_driver_sqlite-*.dist-info/licenses/*")
install_licences(adbc-driver-postgresql program "${IMEDNET_WHEELS}/adbc_driver_postgresql-*.dist-info/licenses/*")
install_licences(adbc-driver-manager program "${IMEDNET_WHEELS}/adbc_driver_manager-*.dist-info/licenses/*")
install_licences(duckdb program "${IMEDNET_DEPS_DIR}/duckdb/LICENSE*")

if(IMEDNET_ARROW_SOURCE STREQUAL "pinned wheel")
  file(GLOB arrow_library "${IMEDNET_WHEELS}/pyarrow/libarrow.so.*")
  file(GLOB parquet_library "${IMEDNET_WHEELS}/pyarrow/libparquet.so.*")
  install(FILES "${arrow_library}" "${parquet_library}" DESTINATION lib/imednet COMPONENT program)
  install_licences(arrow program "${IMEDNET_WHEELS}/pyarrow-*.dist-info/licenses/*")
  get_filename_component(IMEDNET_ARROW_NAME "${arrow_library}" NAME)
  get_filename_component(IMEDNET_PARQUET_NAME "${parquet_library}" NAME)
endif()

# For other programs. What is compiled into the library from pinned sources comes as archives beside it, so that a linker takes
# each once and in the order that cmake/Dependencies.cmake asks for.
install(TARGETS imednet ARCHIVE DESTINATION lib COMPONENT development)
install(TARGETS deps_simdjson deps_adbc_manager ARCHIVE DESTINATION lib/imednet COMPONENT development)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/include/imednet" DESTINATION include COMPONENT development)
configure_file("${CMAKE_SOURCE_DIR}/cmake/imednetConfig.cmake.in" "${CMAKE_BINARY_DIR}/imednetConfig.cmake" @ONLY)
write_basic_package_version_file("${CMAKE_BINARY_DIR}/imednetConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/imednetConfig.cmake" "${CMAKE_BINARY_DIR}/imednetConfigVersion.cmake"
  DESTINATION lib/cmake/imednet COMPONENT development)

install(TARGETS imednet-sandbox RUNTIME DESTINATION bin COMPONENT sandbox)
install(FILES "${IMEDNET_DUCKDB_LIBRARY}" DESTINATION lib/imednet RENAME libduckdb.so COMPONENT sandbox)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/sandbox/data/cdiscpilot01" DESTINATION share/imednet/sandbox COMPONENT sandbox)

include(cmake/Package.cmake)
