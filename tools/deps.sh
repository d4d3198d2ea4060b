#!/bin/sh
# SPDX-License-Identifier: MIT
# Brings what the project builds and tests with: Debian packages, and the sources and programs that
# no installed package gives, into a folder that git ignores. Does only what is missing.
#   tools/deps.sh DIR GROUP...     groups: build test proxy keys bench lint firmware cortex-m prove interop booted
#                                  recipes deb, and the boards linux-*: their compilers, C libraries and emulators
set -eu
dir=$1
shift

# The pinned releases and the SHA-256 of their archives. A later Mbed TLS 3.6 or lwIP 2.2 is taken
# too, if the pinned one is no longer offered: the package's signature vouches for it then.
mbedtls=3.6.7
mbedtls_sha256=a7e8bcbec0e6f761b4af24f25677626b35f762f68eef79c08677a363212d11f6
lwip=2.2.1
lwip_sha256=83729c274c499d3348e9fbbe043a3113f3fa8953e7efddc7c21c7fcbb1f2b7b1
jsmn=1.1.0
cmocka=1.1.5
cmocka_sha256=f0ccd8242d55e2fd74b16ba518359151f6f8383ff8aef4976e48393f77bba8b6

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# The model checker: Debian 13's, with the libraries that it runs on there.
cbmc=6.6.0
cbmc_packages="cbmc minisat libc6 libgcc-s1 libstdc++6"

build="gcc libc6-dev make bzip2 ca-certificates debian-archive-keyring libjsmn-dev"
test="libcmocka-dev pkgconf libasan8 libubsan1 binutils openssl python3 libssl-dev cmake g++ util-linux mount
    libqrencode-dev strace systemd zsh git locales"
proxy="curl util-linux mount"
keys="openssl"
bench="curl wget openssl valgrind"
firmware="xz-utils python3 libslirp-dev"
cortex_m="gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm"
interop="openssl python3"
prove="gcc libc6-dev make python3 libjsmn-dev debian-archive-keyring"
booted="systemd util-linux mount openssl python3"
recipes="python3-kconfiglib python3-yaml busybox-static cmake util-linux mount"
deb="debhelper dpkg-dev lintian mmdebstrap debian-archive-keyring util-linux mount openssl python3 pkgconf"
lint="clang libclang-rt-dev clang-format clang-tidy cppcheck mandoc"

fail() {
    echo "deps: $*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

is_installed() {
    [ "$(dpkg-query -W -f '${Status}' "$1" 2>/dev/null)" = "install ok installed" ]
}

install_packages() {
    missing=
    for package in "$@"; do
        is_installed "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    echo "deps: installing these Debian packages:$missing"
    if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
        fail "not root, and there is no sudo: install them yourself, then run this again"
    fi
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get update -qq
    # shellcheck disable=SC2086 # a list of words
    as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# The Debian mirror that this machine uses.
find_mirror() {
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' | head -n 1)
    [ -n "$mirror" ] || fail "apt knows no Debian mirror; run 'apt-get update' as root first"
}

# prepare_sources TYPE SUITE: apt's options for the packages (deb) or source packages (deb-src) of a
# suite of Debian's, from the mirror that this machine uses, without touching its own configuration.
prepare_sources() {
    private=$(cd "$dir" && pwd)/apt
    mkdir -p "$private/lists/partial" "$private/cache/archives/partial"
    find_mirror
    echo "$1 [signed-by=$keyring] $mirror $2 main" >"$private/sources.list"
    # An outdated mirror does no harm: what is taken from it is pinned below.
    apt_options="-qq -o Acquire::Check-Valid-Until=no -o Dir::Etc::SourceList=$private/sources.list
        -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists=$private/lists -o Dir::Cache=$private/cache
        -o APT::Sandbox::User= ${apt_machine:-}"
    # shellcheck disable=SC2086
    apt-get $apt_options update
}

# Back to the sources that this machine uses.
end_sources() {
    apt_options= apt_machine=
    rm -rf "$dir/download" "$dir/apt"
}

# is_wanted OFFERED VERSION SERIES: the pinned version, or a later one of the series.
is_wanted() {
    case $1 in
    "$2" | "$2"+*) return 0 ;;
    "$3".*) dpkg --compare-versions "$1" gt "$2" ;;
    *) return 1 ;;
    esac
}

# find_source NAME VERSION SERIES SUITE...: sets offered, and the sources to the first suite that has what is wanted.
find_source() {
    name=$1 version=$2 series=$3 seen=
    shift 3
    offered=
    for suite in "$@"; do
        prepare_sources deb-src "$suite" || continue
        # shellcheck disable=SC2086
        offered=$(apt-cache $apt_options showsrc --only-source "$name" | sed -n 's/^Version: \(.*\)-[^-]*$/\1/p' |
            sort -V | tail -n 1)
        ! is_wanted "$offered" "$version" "$series" || return 0
        seen="$seen $suite has ${offered:-none},"
    done
    fail "$name $version is not offered:${seen%,}; point to a checkout instead (see README, Dependencies)"
}

# fetch_source NAME VERSION SHA256 SERIES FILE SUITE...: the archive of the source package NAME, unpacked. A later one
# of the SERIES (3.6, none) does as well; FILE shows that it is there already.
fetch_source() {
    [ ! -f "$dir/$1/$5" ] || return 0
    package=$1 pinned=$2 sum=$3 line=$4
    shift 5
    echo "deps: fetching the source of $package into $dir/$package"
    find_source "$package" "$pinned" "$line" "$@"
    rm -rf "$dir/download" "$dir/$package.new"
    mkdir -p "$dir/download" "$dir/$package.new"
    # shellcheck disable=SC2086
    (cd "$dir/download" && apt-get $apt_options source --download-only --tar-only "$package")
    archive=$(ls "$dir/download/$package"_*.orig.tar.* | grep -v '\.asc$')
    case $offered in
    "$pinned" | "$pinned"+*) echo "$sum  $archive" | sha256sum --check --quiet || fail "this is not $package $pinned" ;;
    *) echo "deps: $package $pinned is no longer offered; taking $offered" ;;
    esac
    tar -xf "$archive" -C "$dir/$package.new" --strip-components=1
    mv "$dir/$package.new" "$dir/$package"
    end_sources
}

# unpack_packages FOLDER PACKAGE...: into $dir/FOLDER.new, not installed.
unpack_packages() {
    echo "deps: fetching $1 into $dir/$1"
    folder=$1
    shift
    rm -rf "$dir/download" "$dir/$folder.new"
    mkdir -p "$dir/download"
    # shellcheck disable=SC2086
    (cd "$dir/download" && apt-get -qq -o APT::Sandbox::User= ${apt_options:-} download "$@")
    for package in "$dir"/download/*.deb; do
        dpkg -x "$package" "$dir/$folder.new"
    done
    rm -rf "$dir/download"
}

# Debian 12's Mbed TLS 2.28, which a program may use beside ours. Where its headers were installed, others would find
# them.
fetch_other_mbedtls() {
    [ ! -f "$dir/other-mbedtls/usr/include/mbedtls/ssl.h" ] || return 0
    prepare_sources deb bookworm
    unpack_packages other-mbedtls libmbedtls-dev libmbedtls14 libmbedx509-1 libmbedcrypto7
    mv "$dir/other-mbedtls.new" "$dir/other-mbedtls"
    end_sources
}

# find_needed PACKAGE...: sets needed: these, and what they depend on that is not installed, or too old; but the C
# library is this system's.
find_needed() {
    needed=$(apt-get --simulate -qq install --no-install-recommends "$@") || fail "apt cannot find $*"
    needed=$(echo "$needed" | sed -n 's/^Inst \([^ ]*\) .*/\1/p' | grep -vx 'libc6\|libc-bin' || :)
    needed=$(printf '%s\n' "$@" $needed | sort -u)
}

# fetch_server FOLDER PROGRAM PACKAGE...: a server and shared libraries of its own: installing it would start it, or add
# users and rules to the system.
fetch_server() {
    [ ! -x "$dir/$1/$2" ] || return 0
    folder=$1 program=$2
    shift 2
    find_needed "$@"
    # shellcheck disable=SC2086 # a list of words
    unpack_packages "$folder" $needed
    # of several alternatives, Debian links one when it is installed
    [ -x "$dir/$folder.new/$program" ] ||
        ln -s "$(cd "$dir/$folder.new/${program%/*}" && ls "${program##*/}"-*)" "$dir/$folder.new/$program"
    libraries=$(find "$dir/$folder.new/lib" "$dir/$folder.new/usr/lib" \
        \( -name '*-linux-gnu' -o -path "*-linux-gnu/$folder" \) 2>/dev/null | paste -sd :)
    found=$(LD_LIBRARY_PATH=$libraries ldd "$dir/$folder.new/$program") || fail "$folder does not run here: $found"
    case $found in *'not found'*) fail "$folder lacks shared libraries here: $found" ;; esac
    mv "$dir/$folder.new" "$dir/$folder"
}

# fetch_musl ARCHITECTURE FOLDER: musl of another architecture, and the specs by which the compiler for glibc takes it,
# with paths below $dir.
fetch_musl() {
    [ ! -f "$dir/musl-$1/gcc.specs" ] || return 0
    apt_machine="-o APT::Architecture=$1 -o APT::Architectures=$1"
    prepare_sources deb "$(. /etc/os-release && echo "$VERSION_CODENAME")"
    unpack_packages "musl-$1" musl-dev musl-tools
    sed "s|/usr/|$dir/musl-$1/usr/|g" "$dir/musl-$1.new/usr/lib/$2/musl-gcc.specs" >"$dir/musl-$1.new/gcc.specs"
    mv "$dir/musl-$1.new" "$dir/musl-$1"
    end_sources
}

# CBMC is unpacked, not installed: its C library is newer than this system's. The script "run" starts
# its programs with their own.
fetch_cbmc() {
    [ ! -x "$dir/cbmc/run" ] || return 0
    echo "deps: fetching CBMC into $dir/cbmc"
    prepare_sources deb trixie
    rm -rf "$dir/download" "$dir/cbmc"
    mkdir -p "$dir/download" "$dir/cbmc"
    # shellcheck disable=SC2086
    (cd "$dir/download" && apt-get $apt_options download $cbmc_packages)
    [ -f "$(echo "$dir/download/cbmc_$cbmc"-*.deb)" ] || fail "CBMC $cbmc is not offered"
    for package in "$dir"/download/*.deb; do
        dpkg -x "$package" "$dir/cbmc"
    done
    cat >"$dir/cbmc/new" <<'END'
#!/bin/sh
# run PROGRAM ARGUMENT...: one of CBMC's programs, with its own loader and libraries.
root=$(cd "$(dirname "$0")" && pwd)
program=$1
shift
exec "$root"/usr/lib*/ld-linux*.so.* --library-path "$(echo "$root"/usr/lib/*-linux-gnu):$root/usr/lib" \
    "$root/usr/bin/$program" "$@"
END
    chmod +x "$dir/cbmc/new"
    "$dir/cbmc/new" cbmc --version >/dev/null || fail "CBMC does not run here"
    mv "$dir/cbmc/new" "$dir/cbmc/run"
    end_sources
}

# A root of Debian 12 with no more than its packages need, to install ours in.
make_root() {
    [ ! -f "$dir/bookworm.tar" ] || return 0
    echo "deps: making a root of Debian 12 in $dir/bookworm.tar"
    find_mirror
    mmdebstrap --quiet --variant=essential --include=systemd bookworm "$dir/bookworm.new.tar" \
        "deb [signed-by=$keyring] $mirror bookworm main"
    mv "$dir/bookworm.new.tar" "$dir/bookworm.tar"
}

wanted=
for group in "$@"; do
    case $group in
    build) wanted="$wanted $build" ;;
    test) wanted="$wanted $test" ;;
    proxy) wanted="$wanted $proxy" ;;
    keys) wanted="$wanted $keys" ;;
    bench) wanted="$wanted $bench" ;;
    lint) wanted="$wanted $lint" ;;
    prove) wanted="$wanted $prove" ;;
    firmware) wanted="$wanted $firmware" ;;
    cortex-m) wanted="$wanted $cortex_m" ;;
    linux-musl) wanted="$wanted musl-tools xz-utils busybox-static" ;;
    linux-armhf*) wanted="$wanted xz-utils qemu-user gcc-arm-linux-gnueabihf libc6-dev-armhf-cross" ;;
    linux-arm64*) wanted="$wanted xz-utils qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross" ;;
    linux-i386) wanted="$wanted xz-utils qemu-user gcc-i686-linux-gnu libc6-dev-i386-cross" ;;
    linux-mipsel | linux-mips | linux-riscv64)
        wanted="$wanted xz-utils qemu-user gcc-${group#linux-}-linux-gnu libc6-dev-${group#linux-}-cross"
        ;;
    booted) wanted="$wanted $booted" ;;
    recipes) wanted="$wanted $recipes" ;;
    deb) wanted="$wanted $deb" ;;
    interop) wanted="$wanted $interop $(command -v node >/dev/null || echo nodejs)" ;;
    *) fail "no group '$group'" ;;
    esac
done
if ! command -v apt-get >/dev/null || ! grep -qs '^1[23]' /etc/debian_version; then
    echo "deps: made for Debian 12 and 13; here, install the counterparts of these packages:$wanted"
    fail "then set MBEDTLS_DIR to a checkout of Mbed TLS $mbedtls, LWIP_DIR of lwIP $lwip, NGINX to the program," \
        "with DEPS=no"
fi
# shellcheck disable=SC2086
install_packages $wanted
mkdir -p "$dir"
[ -n "${MBEDTLS_DIR:-}" ] ||
    fetch_source mbedtls "$mbedtls" "$mbedtls_sha256" 3.6 library/ssl_tls.c sid testing stable
case " $* " in *" test "* | *" interop "*) fetch_server nginx usr/sbin/nginx nginx ;; esac
case " $* " in *" test "*) fetch_other_mbedtls ;; esac
case " $* " in
*" proxy "*)
    fetch_server tinyproxy usr/bin/tinyproxy tinyproxy-bin
    fetch_server squid usr/sbin/squid squid
    ;;
esac
case " $* " in
*" keys "*)
    fetch_server softhsm usr/bin/pkcs11-tool opensc opensc-pkcs11 libsofthsm2
    fetch_server swtpm usr/bin/swtpm swtpm
    fetch_server tpm2-tools usr/bin/tpm2 tpm2-tools
    ;;
esac
case " $* " in
*" interop "*)
    fetch_server haproxy usr/sbin/haproxy haproxy
    fetch_server stunnel usr/bin/stunnel4 stunnel4
    fetch_server apache2 usr/sbin/apache2 apache2-bin
    fetch_server lighttpd usr/sbin/lighttpd lighttpd lighttpd-mod-openssl
    ;;
esac
case " $* " in *" booted "*) fetch_server nspawn usr/bin/systemd-nspawn systemd-container ;; esac
case " $* " in *" deb "*) make_root ;; esac
case " $* " in *" prove "*) fetch_cbmc ;; esac
case " $* " in *" linux-armhf-musl "*) fetch_musl armhf arm-linux-musleabihf ;; esac
case " $* " in *" linux-arm64-musl "*) fetch_musl arm64 aarch64-linux-musl ;; esac
case " $* " in
*" linux-"*) fetch_source cmocka "$cmocka" "$cmocka_sha256" none src/cmocka.c bookworm ;;
esac
case " $* " in
*" firmware "*) [ -n "${LWIP_DIR:-}" ] || fetch_source lwip "$lwip" "$lwip_sha256" 2.2 src/core/tcp.c \
    sid testing stable ;;
esac
