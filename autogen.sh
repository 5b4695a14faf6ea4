#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From a fresh checkout to configure, to an audit (--run [PATH]...), or to all tests (--check).
set -eu
cd "$(dirname "$0")"

usage()
{
    cat <<'END'
usage: ./autogen.sh                  write configure
       ./autogen.sh --run [ARG]...   install what is missing, build, run srvaudit ARG... (or /etc)
       ./autogen.sh --check          the same, then every test
END
}

# ---- packages ----

missing_of() # the packages of "$@" that are not installed
{
    for p do
        case $manager in
        apt) dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || echo "$p" ;;
        dnf) rpm -q "$p" >/dev/null 2>&1 || echo "$p" ;;
        apk) apk info -e "$p" >/dev/null 2>&1 || echo "$p" ;;
        esac
    done
}

as_root()
{
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# apache2-bin is the server without a service: nothing is started by installing it.
install_packages() # build | test
{
    if command -v apt-get >/dev/null; then
        manager=apt
        set -- gcc make autoconf automake pkg-config libpcre2-dev libyaml-dev libxml2-dev \
            libmagic-dev libarchive-dev liblzma-dev libsqlite3-dev zlib1g-dev \
            ${1:+$([ "$1" = test ] && echo nginx apache2-bin libcmocka-dev \
            python3 python3-jsonschema strace clang libclang-rt-dev)}
    elif command -v dnf >/dev/null; then
        manager=dnf
        set -- gcc make autoconf automake pkgconf-pkg-config pcre2-devel libyaml-devel \
            libxml2-devel file-devel libarchive-devel xz-devel sqlite-devel zlib-devel \
            ${1:+$([ "$1" = test ] && echo nginx httpd libcmocka-devel \
            python3 python3-jsonschema strace clang compiler-rt)}
    elif command -v apk >/dev/null; then
        manager=apk
        set -- gcc musl-dev make autoconf automake pkgconf pcre2-dev yaml-dev libxml2-dev file-dev \
            libarchive-dev xz-dev sqlite-dev zlib-dev \
            ${1:+$([ "$1" = test ] && echo nginx apache2 cmocka-dev python3 \
            py3-jsonschema strace clang compiler-rt)}
    else
        echo "autogen.sh: no apt-get, dnf or apk here; what the README lists must be there" >&2
        return 0
    fi
    missing=$(missing_of "$@" | tr '\n' ' ')
    [ -n "$missing" ] || return 0
    echo "installing: $missing"
    case $manager in
    apt)
        as_root apt-get update -q >/dev/null
        # shellcheck disable=SC2086
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
            --no-install-recommends $missing >/dev/null
        ;;
    # shellcheck disable=SC2086
    dnf) as_root dnf install -y -q $missing ;;
    # shellcheck disable=SC2086
    apk) as_root apk add -q $missing ;;
    esac
}

# ---- building ----

write_configure()
{
    build-aux/gen-sources.sh
    if [ ! -f Makefile.in ] || [ ! -f configure ] || [ configure.ac -nt configure ] ||
        [ Makefile.am -nt Makefile.in ] || [ sources.mk -nt Makefile.in ]; then
        autoreconf -fi >/dev/null 2>build-aux/autoreconf.log || {
            cat build-aux/autoreconf.log >&2
            exit 1
        }
    fi
}

build() # FOLDER CONFIGURE-ARGUMENT...
{
    dir=$1
    shift
    mkdir -p "$dir"
    if [ ! -f "$dir/config.status" ] || [ configure -nt "$dir/config.status" ]; then
        (cd "$dir" && "$top/configure" -q "$@")
    fi
    make -s -C "$dir" -j"$(nproc)" all
}

# ---- the test suite ----

passed=0
failed=0

count() # FOLDER: adds up the results that automake's harness left
{
    for trs in $(find "$1" -name '*.trs'); do
        p=$(grep -c '^:test-result: \(PASS\|XFAIL\)' "$trs") || p=0
        f=$(grep -c '^:test-result: \(FAIL\|ERROR\|XPASS\)' "$trs") || f=0
        passed=$((passed + p))
        failed=$((failed + f))
    done
}

step() # NAME COMMAND...
{
    name=$1
    shift
    echo "== $name"
    if "$@"; then
        passed=$((passed + 1))
    else
        echo "FAILED: $name"
        failed=$((failed + 1))
    fi
}

check_in()
{
    find "$1" -name '*.trs' -delete
    make -s -C "$1" -j"$(nproc)" check VERBOSE=1
}

fuzz_smoke()
{
    find "$1/tests/fuzz" -name 'fuzz_*' ! -name '*.o' ! -name '*.log' -type f -perm -100 | sort |
        xargs -P "$(nproc)" -n 1 sh -c '
            name=$(basename "$1")
            words=tests/fuzz/$name.dict
            mkdir -p "$0/corpus/$name"
            "$1" -max_total_time=20 -timeout=5 -rss_limit_mb=1024 \
                $([ ! -f "$words" ] || echo "-dict=$words") "$0/corpus/$name" \
                "tests/fuzz/corpus/${name#fuzz_}" >"$1.log" 2>&1 || { tail -30 "$1.log"; exit 1; }
        ' "$1"
}

# TSan needs a compiler, a libc and an address space that it knows.
has_tsan() # FOLDER
{
    mkdir -p "$1" &&
        echo 'int main(void) { return 0; }' |
        ${CC:-cc} -fsanitize=thread -x c -o "$1/probe" - 2>/dev/null && "$1/probe" 2>/dev/null
}

# What searches on several threads; the tests of one thread at a time would take minutes.
check_threads() # FOLDER
{
    make -s -C "$1" tests/unit/test_secret_threads || return
    TSAN_OPTIONS=halt_on_error=1 "$1/tests/unit/test_secret_threads" || return
    for t in test_secrets test_secrets_archives; do
        TSAN_OPTIONS=halt_on_error=1 SRVAUDIT="$top/$1/srvaudit" top_builddir="$top/$1" \
            top_srcdir="$top" python3 "tests/cli/$t.py" >"$1/$t.log" 2>&1 || {
            grep -v '^ok' "$1/$t.log"
            return 1
        }
    done
}

check_all()
{
    step 'gcc, -Werror: build' build build --enable-werror
    step 'gcc: make check' check_in build
    count build
    step 'ASan and UBSan: build' build build-san --enable-sanitizers --enable-werror
    step 'ASan and UBSan: make check' check_in build-san
    count build-san
    if has_tsan build-tsan; then
        step 'TSan: build' build build-tsan --enable-sanitizers=thread --enable-werror
        step 'TSan: threads' check_threads build-tsan
    else
        echo '== TSan: not here'
    fi
    step 'clang, -Werror, libFuzzer: build' build build-fuzz --enable-werror --enable-sanitizers \
        --enable-fuzzing CC=clang
    step 'fuzz targets: build' make -s -C build-fuzz -j"$(nproc)" fuzz-targets
    step 'fuzz targets: smoke run' fuzz_smoke build-fuzz
    step 'make distcheck' make -s -C build -j"$(nproc)" distcheck
    echo "$passed passed, $failed failed"
    [ "$failed" = 0 ]
}

top=$PWD
mode=${1-}
case $mode in
'')
    write_configure
    ;;
--run)
    shift
    install_packages build
    write_configure
    build build
    exec build/srvaudit "${@:-/etc}"
    ;;
--check)
    install_packages test
    write_configure
    check_all
    ;;
-h | --help) usage ;;
*)
    usage >&2
    exit 2
    ;;
esac
