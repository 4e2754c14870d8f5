# `make package`: build/packages/imednet-<version>-linux-x86_64.tar.gz and .deb, both the whole installed tree.
set(CPACK_GENERATOR TGZ DEB)
set(CPACK_PACKAGE_NAME imednet)
set(CPACK_PACKAGE_VENDOR imednet)
set(CPACK_PACKAGE_CONTACT "the maintainers of imednet <imednet@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "clinical-trial records from iMednet into Snowflake, with proof")
set(CPACK_PACKAGE_FILE_NAME "imednet-${PROJECT_VERSION}-linux-x86_64")
set(CPACK_PACKAGE_DIRECTORY "${CMAKE_SOURCE_DIR}/build/packages")
set(CPACK_RESOURCE_FILE_LICENSE "${CMAKE_SOURCE_DIR}/LICENSE")
set(CPACK_VERBATIM_VARIABLES ON)

# Named by hand for Debian 12, which the package is for; tests/e2e/package_test.py compares them with what the programs load.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libc6 (>= 2.36), libstdc++6 (>= 12), libgcc-s1, libcurl4, libssl3, zlib1g, libfmt9, libspdlog1.10, libcpp-httplib0.11, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libcurl4-openssl-dev, libssl-dev, zlib1g-dev, libfmt-dev, libspdlog-dev, cmake, g++")
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE "")
set(CPACK_DEBIAN_COMPRESSION_TYPE gzip)
include(CPack)
