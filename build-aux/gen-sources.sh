#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writes sources.mk: every list of files that the Makefile needs, derived from the tree.
set -eu
cd "$(dirname "$0")/.."
LC_ALL=C
export LC_ALL

list() # NAME FILE...
{
    name=$1
    shift
    printf '%s =' "$name"
    for f do
        [ ! -e "$f" ] || printf ' \\\n\t%s' "$f"
    done
    printf '\n'
}

{
    echo '# Written by build-aux/gen-sources.sh; not kept in git.'
    list LIB_FILES $(find src -name '*.[ch]' ! -name main.c | sort)
    list CHECK_FILES checks/*.c
    list RULE_FILES checks/rules/*.yaml
    list SECRET_FILES checks/rules/secrets/*.yaml
    list SCRIPT_TESTS $(find tests -name 'test_*.py' -o -name 'test_*.sh' | sort)
    unit=
    for f in tests/unit/test_*.c; do
        [ -f "$f" ] || continue
        unit="$unit ${f%.c}"
        t=$(echo "${f%.c}" | tr '/' '_')
        printf '%s_SOURCES = %s\n%s_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)\n' "$t" "$f" "$t"
        printf '%s_LDADD = $(LDADD) $(CMOCKA_LIBS)\n' "$t"
    done
    echo "UNIT_TESTS =$unit"
    helpers=
    for f in tests/*/helper_*.c; do
        [ -f "$f" ] || continue
        helpers="$helpers ${f%.c}"
        printf '%s_SOURCES = %s\n' "$(echo "${f%.c}" | tr '/' '_')" "$f"
    done
    echo "TEST_HELPERS =$helpers"
    fuzz=
    for f in tests/fuzz/fuzz_*.c; do
        [ -f "$f" ] || continue
        fuzz="$fuzz ${f%.c}"
        t=$(echo "${f%.c}" | tr '/' '_')
        printf '%s_SOURCES = %s $(FUZZ_DRIVER)\n' "$t" "$f"
        printf '%s_LDFLAGS = $(AM_LDFLAGS) $(SV_FUZZ_LDFLAGS)\n' "$t"
    done
    echo "FUZZ_TARGETS =$fuzz"
    # The checks' fixtures as a folder each: make hands all names to a shell in one argument, which
    # may have 128 KiB; and where the tests run there are their logs.
    list FIXTURE_FILES $(find tests/checks -mindepth 1 -maxdepth 1 -type d ! -name __pycache__ |
        sort) $(find tests -path 'tests/checks/*/*' -prune -o -type f \
        ! -name '*.c' ! -name '*.pyc' ! -name 'test_*.py' ! -name 'test_*.sh' -print | sort)
} > sources.mk.new
if cmp -s sources.mk.new sources.mk; then rm sources.mk.new; else mv sources.mk.new sources.mk; fi
