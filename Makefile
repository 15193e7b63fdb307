# talkpath: `make help` lists the targets; `make demo` and `make check` install what they miss.

VERSION   := 0.1.0
SONAME    := libtalkpath.so.0

PREFIX    ?= /usr/local
LIBDIR    ?= $(PREFIX)/lib
CC        ?= cc
BUILD     ?= build
PKGS      := opus speexdsp libsrtp2 alsa

WARNINGS  := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes \
	     -Wmissing-prototypes -Wpointer-arith -Wcast-qual -Wundef -Wvla -Wformat=2 -Wwrite-strings
OPTIMISE  ?= -O2 -g
CPPFLAGS  += -Iinclude -I. -D_GNU_SOURCE -DTP_VERSION='"$(VERSION)"'
ALL_CFLAGS = -std=c11 $(OPTIMISE) $(WARNINGS) -fPIC -fvisibility=hidden -pthread $(SANITIZE) \
	     $(shell pkg-config --cflags $(PKGS)) $(CFLAGS)
LIBS       = $(shell pkg-config --libs $(PKGS)) -lm -ldl -pthread

LIB_SRC   := $(sort $(wildcard engine/*.c codecs/*.c dsp/*.c hal/*.c))
CLI_SRC   := $(sort $(wildcard cli/*.c bench/*.c))
TEST_SRC  := $(sort $(wildcard tests/test_*.c))
FAKE_SRC  := $(sort $(filter-out $(TEST_SRC),$(wildcard tests/*.c)))
EXAMPLES  := $(sort $(wildcard examples/*.c))

LIB_OBJ   := $(LIB_SRC:%.c=$(BUILD)/%.o)
CLI_OBJ   := $(CLI_SRC:%.c=$(BUILD)/%.o)
FAKE_OBJ  := $(FAKE_SRC:%.c=$(BUILD)/%.o)
TESTS     := $(TEST_SRC:%.c=$(BUILD)/%)

all: $(BUILD)/libtalkpath.a $(BUILD)/talkpath

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/libtalkpath.a: $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/talkpath: $(CLI_OBJ) $(BUILD)/libtalkpath.a
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/tests/test_%: $(BUILD)/tests/test_%.o $(FAKE_OBJ) $(BUILD)/libtalkpath.a
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) -lcmocka

# Where the test of failing allocations takes hold.
$(BUILD)/tests/test_hal_memory: LDFLAGS += $(foreach f,malloc calloc realloc free,-Wl,--wrap=$(f))

tests: $(TESTS)
	@for t in $(TESTS); do ./$$t || exit 1; done

clean:
	rm -rf $(BUILD)

.PHONY: all tests clean
.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
