# clipig: two commands for a fresh Debian 12 are `make demo` and `make test`. The work is done by CMake; see CMakePresets.json.
BUILD ?= build
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)

.PHONY: demo test sanitized build install setup clean

build: setup
	cmake --preset release -B $(BUILD)
	cmake --build $(BUILD) -j $(JOBS) --target clipig clipig-engine

demo: build
	mkdir -p images
	$(BUILD)/clipig examples/strawberries.yaml -m mini -o images/
	@echo "The picture is in images/ (the highest number is the newest):"
	@ls -t images/strawberries*.png | head -n 1

# DESTDIR=FOLDER installs below another root, as packagers do
install: build
	cmake --install $(BUILD) --prefix $(PREFIX)

test: setup
	cmake --preset release -B $(BUILD)
	cmake --build $(BUILD) -j $(JOBS)
	ctest --test-dir $(BUILD) --output-on-failure --no-tests=error
	$(MAKE) sanitized

# What reads files of strangers, under the address and undefined behaviour sanitizers. Leaks are not looked for: that needs ptrace,
# which containers often refuse.
SANITIZED = expr config image models
CORPORA = config expression picture safetensors tokenizer torch_zip
sanitized: setup
	cmake --preset asan -B $(BUILD)-asan
	cmake --build $(BUILD)-asan -j $(JOBS) --target $(SANITIZED:%=%_tests) $(CORPORA:%=%_corpus)
	ASAN_OPTIONS=detect_leaks=0 ctest --test-dir $(BUILD)-asan -R '^($(subst $() ,|,$(SANITIZED) $(CORPORA:%=corpus_%)))$$' --output-on-failure --no-tests=error

setup:
	@tools/install_packages.sh

clean:
	rm -rf $(BUILD) $(BUILD)-asan
