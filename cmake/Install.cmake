# What `make install` puts where: programs in bin/, their shared libraries and drivers in lib/imednet/ (found through $ORIGIN),
# headers and the static library, the sample study.
include(GNUInstallDirs)

set_target_properties(imednet_program imednet-sandbox PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/imednet")
install(TARGETS imednet_program imednet-sandbox RUNTIME DESTINATION bin)
install(TARGETS imednet ARCHIVE DESTINATION lib)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/include/imednet" DESTINATION include)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/sandbox/data/cdiscpilot01" DESTINATION share/imednet/sandbox)
install(FILES "${IMEDNET_DUCKDB_LIBRARY}" DESTINATION lib/imednet RENAME libduckdb.so)
install(FILES "${IMEDNET_SNOWFLAKE_DRIVER}" DESTINATION lib/imednet/drivers)
if(IMEDNET_ARROW_SOURCE STREQUAL "pinned wheel")
  install(CODE "
    file(GLOB wheel_libraries \"${IMEDNET_WHEELS}/pyarrow/libarrow.so.*\" \"${IMEDNET_WHEELS}/pyarrow/libparquet.so.*\")
    file(INSTALL \${wheel_libraries} DESTINATION \"\${CMAKE_INSTALL_PREFIX}/lib/imednet\")")
endif()

# The driver manager takes a path in a manifest as it stands, so the installed manifest names the place it is installed to.
install(CODE "
  file(WRITE \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/lib/imednet/drivers/snowflake.toml\"
\"manifest_version = 1
name = \\\"ADBC Driver for Snowflake\\\"
publisher = \\\"arrow-adbc\\\"
version = \\\"${IMEDNET_SNOWFLAKE_DRIVER_VERSION}\\\"

[Driver]
shared = \\\"\${CMAKE_INSTALL_PREFIX}/lib/imednet/drivers/libadbc_driver_snowflake.so\\\"
\")")
