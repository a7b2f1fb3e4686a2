# clipig: two commands for a fresh Debian 12 are `make demo` and `make test`. The work is done by CMake; see CMakePresets.json.
BUILD ?= build
JOBS ?= $(shell nproc)

.PHONY: demo test build setup clean

build: setup
	cmake --preset release -B $(BUILD)
	cmake --build $(BUILD) -j $(JOBS) --target clipig clipig-engine

demo: build
	mkdir -p images
	$(BUILD)/clipig examples/strawberries.yaml -m mini -o images/
	@echo "The picture is in images/ (the highest number is the newest):"
	@ls -t images/strawberries*.png | head -n 1

test: setup
	cmake --preset release -B $(BUILD)
	cmake --build $(BUILD) -j $(JOBS)
	ctest --test-dir $(BUILD) --output-on-failure --no-tests=error

setup:
	@tools/install_packages.sh

clean:
	rm -rf $(BUILD)
