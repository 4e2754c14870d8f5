# A thin door to CMake, CTest and tools/bootstrap. `make demo` and `make test` install what they need themselves.
.PHONY: demo test check mutants bench install package clean build
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
CTEST = ctest --no-tests=error
# Whole builds read eight files at a time, which takes half of the time; who works on the code configures without it: cmake --preset release
WHOLE = -DCMAKE_UNITY_BUILD=ON

# The release build, the only one in build/bin.
build:
	@tools/bootstrap build
	@cmake --preset release $(WHOLE) -DIMEDNET_TESTS=OFF >build-release.log 2>&1 || { cat build-release.log; exit 1; }; rm -f build-release.log
	@cmake --build --preset release -j $(JOBS)
	@tools/publish-build

demo: build
	@tools/demo

test:
	@tools/bootstrap test
	@tools/bootstrap second-opinion
	@tools/bootstrap python-sdk
	cmake --preset dev >/dev/null && cmake --build --preset dev -j $(JOBS)
	$(CTEST) --preset dev -j $(JOBS)
	cmake --preset tsan >/dev/null && cmake --build --preset tsan -j $(JOBS)
	$(CTEST) --preset tsan -j $(JOBS)
	cmake --preset release $(WHOLE) -DIMEDNET_TESTS=ON >/dev/null && cmake --build --preset release -j $(JOBS) --target e2e_programs
	$(CTEST) --preset release -j $(JOBS)

check:
	@tools/bootstrap check
	@tools/check

# Takes the product's checks out, one by one, and sees that a test fails (docs/mutations.md).
mutants:
	@tools/bootstrap test
	@tools/mutate --jobs $(JOBS)

# Figures, as a comparison in one run (bench/README.md).
bench: build
	@bench/run

install: build
	cmake --install build/release --prefix $(PREFIX) >/dev/null && echo "installed below $(PREFIX)"

# build/packages/: an archive and a Debian package of the installed tree (docs/install.md).
package: build
	@cpack --config build/release/CPackConfig.cmake >build-package.log 2>&1 || { cat build-package.log; exit 1; }
	@rm -rf build-package.log build/packages/_CPack_Packages && ls build/packages/*

clean:
	rm -rf build
