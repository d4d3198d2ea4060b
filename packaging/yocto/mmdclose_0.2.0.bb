# SPDX-License-Identifier: MIT
# Yocto: the command, its queue as systemd's units, and the library. Put it below recipes-*/mmdclose of a layer.
SUMMARY = "Closes Microsoft Managed Desktop elevation requests"
DESCRIPTION = "Closes Microsoft Managed Desktop elevation requests from kiosks and \
hardware appliances: a command, its queue as a service, and a library."
SECTION = "console/utils"
LICENSE = "MIT & Apache-2.0"
LIC_FILES_CHKSUM = " \
    file://LICENSE;md5=a191a802ca5916190bfc52a47fcc5940 \
    ${@bb.utils.contains('PACKAGECONFIG', 'system-mbedtls', '', '${MBEDTLS_LICENSE}', d)} \
"

JSMN = "jsmn-1.1.0"
MBEDTLS = "mbedtls-3.6.7"
MBEDTLS_LICENSE = "file://deps/${MBEDTLS}/LICENSE;md5=379d5819937a6c2f1ef1630d341e026d"
MBEDTLS_URI = "https://github.com/Mbed-TLS/mbedtls/releases/download/${MBEDTLS}/${MBEDTLS}.tar.bz2\
;name=mbedtls;subdir=${BP}/deps"
SRC_URI = " \
    https://mmdclose.invalid/${BP}.tar.gz;name=mmdclose \
    git://github.com/zserge/jsmn.git;protocol=https;branch=master;name=jsmn;destsuffix=${BP}/deps/${JSMN} \
    ${@bb.utils.contains('PACKAGECONFIG', 'system-mbedtls', '', '${MBEDTLS_URI}', d)} \
"
SRC_URI[mmdclose.sha256sum] = "0000000000000000000000000000000000000000000000000000000000000000"
SRCREV_jsmn = "fdcef3ebf886fa210d14956d3c068a653e76a24e"
SRCREV_FORMAT = "jsmn"
SRC_URI[mbedtls.sha256sum] = "a7e8bcbec0e6f761b4af24f25677626b35f762f68eef79c08677a363212d11f6"

inherit pkgconfig systemd useradd bash-completion

# system-mbedtls: meta-oe's recipe, which has to be 3.6.7 or a later 3.6. qrcode: a login's address as a QR code, too.
PACKAGECONFIG ??= ""
PACKAGECONFIG[system-mbedtls] = "SYSTEM_MBEDTLS=1,MBEDTLS_DIR=deps/${MBEDTLS},mbedtls"
PACKAGECONFIG[qrcode] = "QRCODE=yes,,qrencode"

# Compiler and flags come by the environment.
EXTRA_OEMAKE = " \
    BOARD=linux DEPS=no JSMN_DIR=deps/${JSMN} \
    PREFIX=${prefix} BINDIR=${bindir} LIBDIR=${libdir} \
    SYSTEMD=${@bb.utils.contains('DISTRO_FEATURES', 'systemd', 'yes', 'no', d)} \
    ${PACKAGECONFIG_CONFARGS} \
"

do_configure[noexec] = "1"

do_compile() {
    oe_runmake
}

do_install() {
    oe_runmake install DESTDIR=${D}
    install -D -m 0644 ${S}/examples/mmdclose.conf ${D}${sysconfdir}/mmdclose.conf
    # Without usrmerge, a distribution's units are below /lib.
    if [ -d ${D}${prefix}/lib/systemd/system ] && [ ${prefix}/lib/systemd/system != ${systemd_system_unitdir} ]; then
        install -d ${D}${systemd_system_unitdir}
        mv ${D}${prefix}/lib/systemd/system/* ${D}${systemd_system_unitdir}/
        rmdir -p --ignore-fail-on-non-empty ${D}${prefix}/lib/systemd/system
    fi
}

# An image with the command needs neither the library nor zsh's completion.
PACKAGES =+ "lib${BPN} ${PN}-zsh-completion"
FILES:lib${BPN} = "${libdir}/libmmdclose.so.*"
FILES:${PN}-zsh-completion = "${datadir}/zsh/site-functions"
FILES:${PN} += " \
    ${systemd_system_unitdir}/mmdclose* \
    ${prefix}/lib/sysusers.d/mmdclose.conf \
    ${prefix}/lib/tmpfiles.d/mmdclose.conf \
"
CONFFILES:${PN} = "${sysconfdir}/mmdclose.conf"
RDEPENDS:${PN} += "ca-certificates"

# The path and the timer start the services.
SYSTEMD_SERVICE:${PN} = "mmdclose.path mmdclose.timer"
# Enable them in an image that has the configuration: without one, each run fails.
SYSTEMD_AUTO_ENABLE = "disable"

USERADD_PACKAGES = "${PN}"
GROUPADD_PARAM:${PN} = "--system mmdclose; --system mmdclose-add"
USERADD_PARAM:${PN} = "--system --gid mmdclose --home-dir ${localstatedir}/lib/mmdclose --no-create-home \
    --shell /sbin/nologin mmdclose"
