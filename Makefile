# SPDX-License-Identifier: MIT
# talkpath. `make help` lists the targets; `make demo` and `make check` install what they miss.

VERSION  := 0.1.0
SONAME   := libtalkpath.so.0

PREFIX   ?= /usr/local
LIBDIR   ?= $(PREFIX)/lib
INCDIR   ?= $(PREFIX)/include
BINDIR   ?= $(PREFIX)/bin
MANDIR   ?= $(PREFIX)/share/man
DATADIR  ?= $(PREFIX)/share/talkpath
INSTALL  ?= install
BUILD    ?= build
JOBS     ?= $(shell nproc 2>/dev/null || echo 2)

# ---- Flags ---------------------------------------------------------------------------------

PKGS      := opus speexdsp libsrtp2 alsa
WARNINGS  := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion \
	     -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wundef -Wvla \
	     -Wformat=2 -Wwrite-strings
OPTIMISE  ?= -O2 -g
CPPFLAGS  += -Iinclude -I. -D_GNU_SOURCE -DTP_VERSION='"$(VERSION)"'

# Asked for once, at the first use: a bare system has no pkg-config before `deps` ran.
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
LIBS       = $(eval LIBS := $(shell pkg-config --libs $(PKGS)) -lm -ldl -pthread)$(LIBS)
TOOL_LIBS  = $(eval TOOL_LIBS := -Wl,--as-needed $(shell pkg-config --libs))$(TOOL_LIBS)

# SANITIZE is set by the asan, tsan and fuzz targets. Its code is warned about where ours is not, so
# warnings are left to the plain build.
ALL_CFLAGS = -std=c11 $(OPTIMISE) $(if $(SANITIZE),-w,$(WARNINGS)) -fPIC \
	     -fvisibility=hidden -pthread $(SANITIZE) $(PKG_CFLAGS) $(CFLAGS)
# A library names all that it needs; a sanitizer's is in the program.
DEFS       = $(if $(SANITIZE),,-Wl,-z,defs)
ALL_LDFLAGS = -pthread $(SANITIZE) $(LDFLAGS)

# ---- Files ---------------------------------------------------------------------------------

LIB_SRC   := $(sort $(wildcard engine/*.c codecs/*.c dsp/*.c hal/*.c))
CLI_SRC   := $(sort $(wildcard cli/*.c bench/*.c))
TEST_SRC  := $(sort $(wildcard tests/test_*.c))
FIXTURES  := $(sort $(wildcard tests/fixtures/*.c))
GUARD_SRC := $(sort $(wildcard tests/guard/test_*.c))
FUZZ_SRC  := $(sort $(wildcard tests/fuzz/fuzz_*.c))
CARD_SRC  := $(sort $(wildcard tests/alsa_card/*.c))
PLUGINS   := $(sort $(wildcard tests/plugins/*.c))
INTEROP   := $(sort $(wildcard tests/interop/*.c))
EXAMPLES  := $(sort $(wildcard examples/*.c))
PUBLIC    := $(sort $(wildcard include/talkpath/*.h))
C_FILES    = $(sort $(wildcard include/talkpath/*.h engine/*.[ch] codecs/*.[ch] dsp/*.[ch] hal/*.[ch] \
	     cli/*.[ch] bench/*.[ch] examples/*.[ch] tests/*.[ch] tests/*/*.[ch]))

# What runs between capture and playback. These files are compiled with a limit on their stack
# frames; `make lint` holds their undefined symbols against lint/audio_symbols.txt.
AUDIO_SRC := $(wildcard engine/again.c engine/block.c engine/bus.c engine/comfort.c engine/delay.c \
	     engine/delay_cost.c engine/device.c engine/device_clock.c engine/jitter.c \
	     engine/microphone.c engine/opening.c engine/redundancy.c engine/rtp.c engine/rx.c \
	     engine/rx_again.c engine/rx_delay.c engine/rx_gap.c engine/rx_sound.c engine/skew.c \
	     engine/timeline.c engine/tx.c engine/unwrap.c dsp/*.c codecs/g711.c codecs/g722*.c \
	     codecs/l16.c codecs/opus.c)

LIB_OBJ   := $(LIB_SRC:%.c=$(BUILD)/%.o)
AUDIO_OBJ := $(AUDIO_SRC:%.c=$(BUILD)/%.o)
CLI_OBJ   := $(CLI_SRC:%.c=$(BUILD)/%.o)
FIX_OBJ   := $(FIXTURES:%.c=$(BUILD)/%.o)
CARD_OBJ  := $(CARD_SRC:%.c=$(BUILD)/%.o)
TEST_CARD := $(if $(CARD_SRC),$(BUILD)/tests/libasound_module_pcm_testcard.so)
PLUGIN_SO := $(PLUGINS:%.c=$(BUILD)/%.so)
EXAMPLE   := $(EXAMPLES:%.c=$(BUILD)/%)
TESTS     := $(TEST_SRC:%.c=$(BUILD)/%)
GUARDS    := $(GUARD_SRC:%.c=$(BUILD)/%)
REPLAYS   := $(FUZZ_SRC:tests/fuzz/fuzz_%.c=$(BUILD)/tests/fuzz/replay_%)
FUZZERS   := $(FUZZ_SRC:%.c=$(BUILD)/%)

STATIC    := $(BUILD)/libtalkpath.a
SHARED    := $(BUILD)/libtalkpath.so.$(VERSION)
COMMAND   := $(BUILD)/talkpath
# The command without its main(), for tests and fuzzers of its readers.
TOOLS     := $(BUILD)/libtools.a

# Sanitizers bring their own malloc and locks, which make system calls as they please: the guard
# has nothing to say beside them. ThreadSanitizer cannot even bear another malloc in front of it.
ifneq ($(SANITIZE),)
GUARDS    :=
endif
ifneq ($(findstring thread,$(SANITIZE)),)
FIX_OBJ   := $(filter-out %/interpose_malloc.o,$(FIX_OBJ))
endif

# `make V=1` prints whole commands instead of one line each.
Q   := $(if $(V),,@)
SAY  = @$(if $(V),:,printf '  %-5s %s\n')

# ---- Building ------------------------------------------------------------------------------

all: $(STATIC) $(SHARED) $(COMMAND) $(EXAMPLE) ## the libraries, build/talkpath and the examples

# All loops over spectra, taps and samples: with vectors they cost half.
VECTORISED := drift level fft shape align decimate farline residual echo_comfort
$(VECTORISED:%=$(BUILD)/dsp/%.o): OPTIMISE += -O3

$(AUDIO_OBJ): WARNINGS += -Wframe-larger-than=8192 -Werror=vla

$(BUILD)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(SAY) CC $<
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(STATIC): $(LIB_OBJ)
	@rm -f $@
	$(SAY) AR $@
	$(Q)$(AR) rcs $@ $^

$(SHARED): $(LIB_OBJ) libtalkpath.map
	$(SAY) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -shared -Wl,-soname,$(SONAME) \
		-Wl,--version-script=libtalkpath.map $(DEFS) -o $@ $(LIB_OBJ) $(LIBS)
	@ln -sf $(@F) $(BUILD)/$(SONAME) && ln -sf $(SONAME) $(BUILD)/libtalkpath.so

$(TOOLS): $(filter-out %/main.o,$(CLI_OBJ))
	@rm -f $@
	$(SAY) AR $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/talkpath: $(CLI_OBJ) $(STATIC)
	$(SAY) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/examples/%: $(BUILD)/examples/%.o $(STATIC)
	$(SAY) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

# ---- Tests ---------------------------------------------------------------------------------

TEST_LIBS = $(TOOLS) $(STATIC) $(LIBS) -lcmocka

$(BUILD)/tests/test_%: $(BUILD)/tests/test_%.o $(FIX_OBJ) $(TOOLS) $(STATIC)
	$(SAY) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $< $(FIX_OBJ) $(TEST_LIBS)

# --wrap lets a test put the guard around the block function; -rdynamic names frames in its reports.
$(BUILD)/tests/guard/test_%: $(BUILD)/tests/guard/test_%.o $(BUILD)/tests/guard/guard.o \
		$(BUILD)/tests/guard/interpose_lock.o $(FIX_OBJ) $(TOOLS) $(STATIC)
	$(SAY) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -rdynamic -Wl,--wrap=tp_block_run -o $@ $(filter %.o,$^) $(TEST_LIBS)

# The sound card of the ALSA tests: alsa-lib loads it by the path in their configuration.
$(TEST_CARD): $(CARD_OBJ)
	$(SAY) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -shared -o $@ $^ $(LIBS)
$(CARD_OBJ): CPPFLAGS += -DPIC

$(BUILD)/tests/plugins/%.so: $(BUILD)/tests/plugins/%.o
	$(SAY) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -shared -o $@ $< $(LIBS)

$(BUILD)/tests/interop/%: $(BUILD)/tests/interop/%.o $(STATIC)
	$(SAY) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

FUZZ_FIX_OBJ = $(filter-out %/interpose_malloc.o,$(FIX_OBJ))

$(BUILD)/tests/fuzz/replay_%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/replay.o \
		$(FUZZ_FIX_OBJ) $(TOOLS) $(STATIC)
	$(SAY) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(TEST_LIBS)

$(BUILD)/tests/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(FUZZ_FIX_OBJ) $(TOOLS) $(STATIC)
	$(SAY) LINK $@
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(TEST_LIBS)

TEST_PROGRAMS := $(TESTS) $(GUARDS) $(REPLAYS)
TEST_SCRIPTS  := $(sort $(wildcard tests/test_*.sh))
# Seconds for one program; sanitized ones are ten times slower.
TEST_TIMEOUT  ?= $(if $(SANITIZE),900,110)

tests: all $(TEST_PROGRAMS) $(TEST_CARD) $(PLUGIN_SO) ## builds the test programs
run-tests: tests ## runs them; RUN=build/tests/test_x runs one
	@TALKPATH_BUILD=$(BUILD) TALKPATH=$(BUILD)/talkpath TALKPATH_SANITIZE='$(SANITIZE)' \
		TEST_TIMEOUT=$(TEST_TIMEOUT) \
		tests/run.sh $(or $(RUN),$(TEST_PROGRAMS) $(TEST_SCRIPTS))

# A parallel build, then one job that prints.
SUBMAKE = +$(MAKE) --no-print-directory
PARALLEL = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS))

deps: # installs what a build is missing
	@./deps.sh build

check: ## installs what is missing, builds, runs every test
	@./deps.sh build check
	@$(SUBMAKE) $(PARALLEL) tests
	@$(SUBMAKE) run-tests

endurance: $(BUILD)/tests/test_endurance ## an hour of call, five minutes in rooms, each twice: virtual time
	TALKPATH_ENDURANCE=1 $<

interop: all $(INTEROP:%.c=$(BUILD)/%) ## calls with ffmpeg and GStreamer, if they are here
	@BUILD=$(BUILD) tests/interop/run.sh '$(RUN)'

demo: ## installs what is missing, builds, lets you hear a call (no sound card needed)
	@./deps.sh build
	@$(SUBMAKE) $(PARALLEL) all
	$(BUILD)/talkpath demo

bench: all ## latency, cost, jitter buffer and echo, measured
	$(BUILD)/talkpath bench latency
	$(BUILD)/talkpath bench cost
	$(BUILD)/talkpath bench jitter
	$(BUILD)/talkpath bench echo

# A sanitizer's build lives in a folder of its own below $(BUILD).
asan: ## every test under AddressSanitizer and UBSan
	@./deps.sh build check
	@$(SUBMAKE) $(PARALLEL) BUILD=$(BUILD)/asan SANITIZE='$(ASAN)' tests
	@$(SUBMAKE) BUILD=$(BUILD)/asan SANITIZE='$(ASAN)' TEST_TIMEOUT=400 run-tests

# Those with more than one thread; all others step an engine by hand in virtual time or have none.
THREADED := command demo echo_report file_device hal_contract hal_memory overload recorder replay \
	    srtp threads
tsan: ## the tests that have threads under ThreadSanitizer
	@./deps.sh build check
	@$(SUBMAKE) $(PARALLEL) BUILD=$(BUILD)/tsan SANITIZE='$(TSAN)' tests
	@$(SUBMAKE) BUILD=$(BUILD)/tsan SANITIZE='$(TSAN)' TEST_TIMEOUT=400 run-tests \
		RUN='$(THREADED:%=$(BUILD)/tsan/tests/test_%) tests/test_answer.sh'

ASAN = -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
TSAN = -fsanitize=thread -fno-omit-frame-pointer

FUZZ_SECONDS ?= 600
fuzz: ## every fuzz target for FUZZ_SECONDS each (default 600), with libFuzzer
	@./deps.sh build check fuzz
	@$(SUBMAKE) $(PARALLEL) CC=clang BUILD=$(BUILD)/fuzz OPTIMISE='-O1 -g' \
		SANITIZE='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all' fuzzers
	@tests/fuzz/run.sh $(FUZZ_SECONDS) $(BUILD)/fuzz $(FUZZERS:$(BUILD)/%=$(BUILD)/fuzz/%)
fuzzers: $(FUZZERS)

coverage: ## lines that the tests reach, per file
	@./deps.sh build check
	@$(SUBMAKE) $(PARALLEL) BUILD=$(BUILD)/coverage OPTIMISE='-O1 -g' CFLAGS=--coverage \
		LDFLAGS=--coverage tests
	@$(SUBMAKE) BUILD=$(BUILD)/coverage OPTIMISE='-O1 -g' CFLAGS=--coverage LDFLAGS=--coverage \
		run-tests
	@gcov -n $(LIB_OBJ:$(BUILD)/%.o=$(BUILD)/coverage/%.gcda) 2>/dev/null | \
		awk -F"'" '/^File/ { f = $$2 } \
			/^Lines/ && f ~ /^(engine|codecs|dsp|hal)\// { print f, $$0; f = "" }' | sort

# ---- Police --------------------------------------------------------------------------------

lint: ## format, static analysis, layers, audio-side rules, sizes, names, pages
	@./deps.sh build check lint
	@$(SUBMAKE) $(PARALLEL) all
	@printf '%s\n' -std=c11 -Wall -Wextra $(CPPFLAGS) $(PKG_CFLAGS) > $(BUILD)/flags
	@BUILD='$(BUILD)' JOBS='$(JOBS)' C_FILES='$(C_FILES)' LIB_OBJ='$(LIB_OBJ)' \
		AUDIO_OBJ='$(AUDIO_OBJ)' lint/run.sh

format: ## rewrites the C files in the project's style
	clang-format -i $(C_FILES)

# ---- Installing ----------------------------------------------------------------------------

MAN1 := $(notdir $(wildcard man/*.1))
MAN3 := $(notdir $(wildcard man/*.3))
SPEECH := $(wildcard speech/*)

install: all ## into DESTDIR and PREFIX (/usr/local)
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCDIR)/talkpath \
		$(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man3 $(DESTDIR)$(DATADIR)/speech
	$(INSTALL) -m 644 $(SPEECH) $(DESTDIR)$(DATADIR)/speech
	$(INSTALL) -m 755 $(COMMAND) $(DESTDIR)$(BINDIR)
	$(INSTALL) -m 644 $(PUBLIC) $(DESTDIR)$(INCDIR)/talkpath
	$(INSTALL) -m 644 $(STATIC) $(DESTDIR)$(LIBDIR)
	$(INSTALL) -m 755 $(SHARED) $(DESTDIR)$(LIBDIR)
	ln -sf $(notdir $(SHARED)) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libtalkpath.so
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCDIR@|$(INCDIR)|' \
		-e 's|@VERSION@|$(VERSION)|' talkpath.pc.in > $(DESTDIR)$(LIBDIR)/pkgconfig/talkpath.pc
	for m in $(MAN1); do $(INSTALL) -m 644 man/$$m $(DESTDIR)$(MANDIR)/man1; done
	for m in $(MAN3); do $(INSTALL) -m 644 man/$$m $(DESTDIR)$(MANDIR)/man3; done

uninstall: ## takes away what install put there
	rm -f $(DESTDIR)$(BINDIR)/talkpath $(DESTDIR)$(LIBDIR)/libtalkpath.a \
		$(DESTDIR)$(LIBDIR)/libtalkpath.so $(DESTDIR)$(LIBDIR)/$(SONAME) \
		$(DESTDIR)$(LIBDIR)/$(notdir $(SHARED)) $(DESTDIR)$(LIBDIR)/pkgconfig/talkpath.pc \
		$(addprefix $(DESTDIR)$(INCDIR)/talkpath/,$(notdir $(PUBLIC))) \
		$(addprefix $(DESTDIR)$(MANDIR)/man1/,$(MAN1)) $(addprefix $(DESTDIR)$(MANDIR)/man3/,$(MAN3))
	rm -f $(addprefix $(DESTDIR)$(DATADIR)/,$(SPEECH))
	-rmdir $(DESTDIR)$(INCDIR)/talkpath $(DESTDIR)$(DATADIR)/speech $(DESTDIR)$(DATADIR)

clean: ## removes what was built
	rm -rf $(BUILD)

help: ## this list
	@awk -F':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
	@echo '  CC=clang, BUILD=dir, PREFIX=dir, DESTDIR=dir, SANITIZE=flags may follow any of them.'

.PHONY: endurance all tests run-tests deps check interop demo bench asan tsan fuzz fuzzers coverage lint format \
	install uninstall clean help
.SECONDARY:
-include $(patsubst %.c,$(BUILD)/%.d,$(LIB_SRC) $(CLI_SRC) $(TEST_SRC) $(FIXTURES) $(GUARD_SRC) \
	$(FUZZ_SRC) $(CARD_SRC) $(PLUGINS) $(INTEROP) $(EXAMPLES) tests/fuzz/replay.c \
	tests/guard/guard.c tests/guard/interpose_lock.c)
