# SPDX-License-Identifier: MIT
# Flags of the compiler: for our own code, and for that of others.
CFLAGS   ?= $(or $(BOARD_CFLAGS),-O2 -g)
WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            $(if $(filter yes,$(WERROR)),-Werror)
TARGET   := $(if $(SYSROOT),--sysroot='$(SYSROOT)')
# What is built is the same wherever it is built: for debuggers, the folders of the sources have one name each. The
# compiler takes PWD for the name of this one, which may be a link's. The names that CFLAGS give count more.
MAPS     := -ffile-prefix-map=$(BUILD)=build \
            -ffile-prefix-map=$(MBEDTLS)=deps/mbedtls $(if $(LWIP),-ffile-prefix-map=$(LWIP)=deps/lwip) \
            -ffile-prefix-map='$(subst ','\'',$(CURDIR))=.'
export PWD := $(CURDIR)
EVEREST_INCLUDE := $(addprefix $(MBEDTLS)/3rdparty/everest/include,/ /everest /everest/kremlib)
ifeq ($(SYSTEM_MBEDTLS),)
CONFIG   := -DMBEDTLS_CONFIG_FILE='<mbedtls_config.h>' -I$(or $(BOARD_CONFIG),boards/$(BOARD))
MBEDTLS_INCLUDE := $(MBEDTLS)/include $(EVEREST_INCLUDE)
else
# A distribution's configuration makes contexts larger. What uses our headers must know, too: see mmdclose.pc.
CONFIG   := -DMMD_TLS_WORDS=192
endif
SECTIONS := -ffunction-sections -fdata-sections
INCLUDE  := -Iinclude $(BOARD_SYSTEM_INCLUDE:%=-isystem %)
PRIVATE  := -Isrc -I$(BUILD)/include -isystem $(BUILD)/jsmn $(MBEDTLS_INCLUDE:%=-isystem %) $(SYSTEM_CFLAGS)
# Calls within the library stay there, as in a program.
PIC      := $(if $(filter yes,$(SHARED)),-fPIC -fno-semantic-interposition)
# A folder of headers that the user names comes after ours: there may be another Mbed TLS in it.
last      = $(patsubst -I%,-idirafter%,$(1))
# Also on headers of the system: gcc takes ours for such, once one of those has included a file of the same folder.
OWN      := $(TARGET) -std=c11 $(WARNINGS) $(BOARD_CPPFLAGS) $(BOARD_OWN_CPPFLAGS) $(call last,$(CPPFLAGS)) \
            $(CONFIG) $(INCLUDE) $(SECTIONS) $(PIC) -MD -MP
# Mbed TLS compares empty names by memcmp with NULL and a length of 0: harmless, yet undefined before C2y.
FOREIGN  := $(TARGET) -std=c11 -w -fvisibility=hidden -fno-sanitize=nonnull-attribute $(BOARD_CPPFLAGS) \
            $(call last,$(CPPFLAGS)) $(CONFIG) -I$(MBEDTLS)/library $(MBEDTLS_INCLUDE:%=-I%) \
            $(BOARD_SYSTEM_INCLUDE:%=-I%) $(SECTIONS) $(PIC) -MD -MP

# Which private headers a folder's code reaches: the library all of them, ports and programs only src/text.
ROOM_src      := $(PRIVATE)
ROOM_port     := -Isrc/text
# A program shows the C library no names: login, for one, is also a function there.
ROOM_programs := -fvisibility=hidden -Isrc/text -isystem $(BUILD)/jsmn -Iprograms/common -Iprograms/mmdclose
ROOM_boards   := $(ROOM_programs)
ROOM_test     := $(PRIVATE) $(if $(BOARD_MACHINE)$(filter %musl,$(BOARD)),$(CMOCKA_FLAGS)) -Isrc/text \
                 -Iprograms/common -Iprograms/mmdclose
room           = $(ROOM_$(firstword $(subst /, ,$(1))))

# What is built with other flags is built anew. A file is written only if what it says has changed.
write_if_changed = @mkdir -p $(@D); printf '%s\n' '$(subst ','\'',$(1))' | cmp -s - $@ || \
                   printf '%s\n' '$(subst ','\'',$(1))' >$@
$(BUILD)/flags: FORCE
	$(call write_if_changed,$(CC) $(CFLAGS) $(LDFLAGS) $(BOARD_LDFLAGS) $(BOARD_LIBS) $(OWN) $(FOREIGN))

# For make within make: another board's, with nothing that this one's command line says.
ALONE = env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES -u CC -u AR -u CPPFLAGS -u CFLAGS -u LDFLAGS -u BUILD \
        -u ONLY -u CROSS_COMPILE -u SYSROOT $(MAKE) --no-print-directory DEPS=no
