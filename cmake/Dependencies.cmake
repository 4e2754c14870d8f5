# Where each outside library comes from: the system when it is there and new enough, else the tree's own .deps/ (tools/bootstrap).
# The targets made here are the only names the rest of the build uses for them.
set(IMEDNET_DEPS_DIR "${CMAKE_SOURCE_DIR}/.deps" CACHE PATH "where tools/bootstrap put the pinned wheels")
file(GLOB IMEDNET_WHEELS LIST_DIRECTORIES true "${IMEDNET_DEPS_DIR}/venv/lib/python3*/site-packages")

find_package(Threads REQUIRED)
find_package(CURL 7.80 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(spdlog 1.10 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_library(HTTPLIB_LIBRARY cpp-httplib REQUIRED)
find_path(HTTPLIB_INCLUDE httplib.h REQUIRED)

# cpp-httplib: the sandbox and the tests only.
add_library(deps_httplib INTERFACE)
target_include_directories(deps_httplib SYSTEM INTERFACE "${HTTPLIB_INCLUDE}")
target_compile_definitions(deps_httplib INTERFACE CPPHTTPLIB_OPENSSL_SUPPORT CPPHTTPLIB_ZLIB_SUPPORT CPPHTTPLIB_BROTLI_SUPPORT)
target_link_libraries(deps_httplib INTERFACE "${HTTPLIB_LIBRARY}" OpenSSL::SSL OpenSSL::Crypto ZLIB::ZLIB Threads::Threads)

# Arrow and Parquet. The wheel's libparquet exports its own copies of OpenSSL and simdjson, so whatever links these targets
# must name libcurl and OpenSSL before them (tests/unit/db/symbol_test.cc checks the result).
find_package(Arrow 21 QUIET)
find_package(Parquet 21 QUIET)
add_library(deps_arrow INTERFACE)
if(Arrow_FOUND AND Parquet_FOUND)
  target_link_libraries(deps_arrow INTERFACE Parquet::parquet_shared Arrow::arrow_shared)
  set(IMEDNET_ARROW_SOURCE "system ${Arrow_VERSION}")
else()
  set(arrow_home "${IMEDNET_WHEELS}/pyarrow")
  if(NOT EXISTS "${arrow_home}/libarrow.so")
    message(FATAL_ERROR "Arrow is neither on this system nor in ${IMEDNET_DEPS_DIR}; run tools/bootstrap build")
  endif()
  target_include_directories(deps_arrow SYSTEM INTERFACE "${arrow_home}/include")
  target_link_libraries(deps_arrow INTERFACE "${arrow_home}/libparquet.so" "${arrow_home}/libarrow.so")
  set(IMEDNET_ARROW_SOURCE "pinned wheel")
endif()

# The ADBC driver manager, compiled from the sources its wheel ships.
set(adbc_home "${IMEDNET_WHEELS}/adbc_driver_manager")
add_library(deps_adbc_manager STATIC
  "${adbc_home}/adbc_driver_manager.cc" "${adbc_home}/adbc_driver_manager_api.cc"
  "${adbc_home}/adbc_driver_manager_driver_loading.cc" "${adbc_home}/adbc_driver_manager_profiles.cc")
target_include_directories(deps_adbc_manager SYSTEM PUBLIC "${adbc_home}")
set_target_properties(deps_adbc_manager PROPERTIES UNITY_BUILD OFF)
target_compile_options(deps_adbc_manager PRIVATE -w)
target_link_libraries(deps_adbc_manager PUBLIC ${CMAKE_DL_LIBS} Threads::Threads)
set(IMEDNET_SNOWFLAKE_DRIVER_VERSION 1.11.0)
set(IMEDNET_SNOWFLAKE_DRIVER "${IMEDNET_WHEELS}/adbc_driver_snowflake/libadbc_driver_snowflake.so")
set(IMEDNET_SQL_DRIVERS_VERSION 1.13.0)
set(IMEDNET_SQLITE_DRIVER "${IMEDNET_WHEELS}/adbc_driver_sqlite/libadbc_driver_sqlite.so")
set(IMEDNET_POSTGRESQL_DRIVER "${IMEDNET_WHEELS}/adbc_driver_postgresql/libadbc_driver_postgresql.so")

# simdjson, compiled hidden into our own objects (a shared one would be taken over by libparquet's copy).
add_library(deps_simdjson STATIC "${IMEDNET_DEPS_DIR}/simdjson/simdjson.cpp")
target_include_directories(deps_simdjson SYSTEM PUBLIC "${IMEDNET_DEPS_DIR}/simdjson")
target_compile_options(deps_simdjson PRIVATE -w -O2)

# DuckDB: no header is needed, it is driven through its ADBC entry point.
find_library(IMEDNET_DUCKDB_LIBRARY duckdb)
if(NOT IMEDNET_DUCKDB_LIBRARY)
  set(IMEDNET_DUCKDB_LIBRARY "${IMEDNET_DEPS_DIR}/duckdb/libduckdb.so" CACHE FILEPATH "libduckdb.so for the sandbox" FORCE)
endif()
