#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints the bill of materials, SPDX 2.3 in JSON, of a release or of a build. A shell script, since `make install` runs
# it where there may be no Python. The versions are those of version.h, of tools/deps.sh, and of the sources built.
#   tools/sbom.sh SECONDS MBEDTLS LWIP [TARBALL]
#   SECONDS         since 1970: its date
#   MBEDTLS, LWIP   the folder of the sources that were built; or pinned: what tools/deps.sh fetches;
#                   or system: a shared library of the system; or none
#   TARBALL         the release that it is about
set -eu
created=$(date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ)
mbedtls_place=$2
lwip_place=$3
tarball=${4:-}

pin() {
    sed -n "s/^$1=//p" tools/deps.sh
}

# version_of NAME PLACE
version_of() {
    case $2:$1 in
    none:*) ;;
    pinned:*) pin "$1" ;;
    system:*) pkg-config --modversion "$1" 2>/dev/null || : ;;
    *:mbedtls) sed -n 's/^#define MBEDTLS_VERSION_STRING *"\(.*\)".*/\1/p' "$2/include/mbedtls/build_info.h" ;;
    *:lwip) sed -n 's/^#define LWIP_VERSION_[A-Z]* *\([0-9][0-9]*\).*/\1/p' "$2/src/include/lwip/init.h" |
        paste -sd . ;;
    esac
}

# checksum_of NAME PLACE VERSION: of the archive that tools/deps.sh fetches. What the user brought may be anything.
checksum_of() {
    case $2 in pinned | "deps/$1") [ "$3" != "$(pin "$1")" ] || pin "$1_sha256" ;; esac
}

# A package is what stands between begin and end: members in their order, those without a value left out.
begin() {
    printf '%s    {\n      "SPDXID": "SPDXRef-%s",\n' "$between" "$1"
}
member() {
    [ -z "$2" ] || printf '      "%s": "%s",\n' "$1" "$2"
}
licence() {
    member licenseConcluded "$1"
    member licenseDeclared "$1"
}
checksum() {
    [ -z "$1" ] || printf '      "checksums": [{ "algorithm": "SHA256", "checksumValue": "%s" }],\n' "$1"
}
# references LOCATOR...: the names under which databases of vulnerabilities know it.
references() {
    before='      "externalRefs": ['
    for locator in "$@"; do
        case $locator in
        cpe:*) kind='"SECURITY", "referenceType": "cpe23Type"' ;;
        *) kind='"PACKAGE-MANAGER", "referenceType": "purl"' ;;
        esac
        printf '%s\n        { "referenceCategory": %s, "referenceLocator": "%s" }' "$before" "$kind" "$locator"
        before=,
    done
    printf '\n      ],\n'
}
end() {
    printf '      "filesAnalyzed": false\n    }'
    between=$comma
}

relationship() {
    printf '%s    { "spdxElementId": "SPDXRef-%s", "relationshipType": "%s", "relatedSpdxElement": "SPDXRef-%s" }' \
        "$between" "$1" "$2" "$3"
    between=$comma
}

own_package() {
    begin mmdclose
    member name mmdclose
    member versionInfo "$version"
    member supplier "Organization: $authors"
    licence MIT
    member downloadLocation NOASSERTION
    member packageFileName "${tarball##*/}"
    [ -z "$tarball" ] || checksum "$(sha256sum "$tarball" | cut -d ' ' -f 1)"
    member sourceInfo "The other packages' sources are not among its own."
    member copyrightText "$copyright"
    end
}

# Its vulnerabilities are registered under both vendors.
mbedtls_package() {
    begin mbedtls
    member name "Mbed TLS"
    member versionInfo "$mbedtls"
    member supplier "Organization: The Mbed TLS Contributors"
    licence "Apache-2.0 OR GPL-2.0-or-later"
    member homepage https://www.trustedfirmware.org/projects/mbed-tls/
    member downloadLocation "$mbedtls_archive"
    checksum "$mbedtls_sha256"
    references "cpe:2.3:a:trustedfirmware:mbed_tls:${mbedtls:-*}:*:*:*:*:*:*:*" \
        "cpe:2.3:a:arm:mbed_tls:${mbedtls:-*}:*:*:*:*:*:*:*" \
        "pkg:github/mbed-tls/mbedtls${mbedtls:+@mbedtls-$mbedtls}"
    end
}

everest_package() {
    begin everest
    member name Everest
    member versionInfo "mbedtls-$mbedtls"
    member supplier "Organization: Project Everest"
    licence Apache-2.0
    member homepage https://project-everest.github.io/
    member downloadLocation "$mbedtls_archive"
    member sourceInfo "X25519: the folder 3rdparty/everest of Mbed TLS. It has no version of its own."
    end
}

jsmn_package() {
    begin jsmn
    member name jsmn
    member versionInfo "$jsmn"
    member supplier "Person: Serge Zaitsev"
    licence MIT
    member homepage https://github.com/zserge/jsmn
    member downloadLocation "git+https://github.com/zserge/jsmn.git@v$jsmn"
    member sourceInfo "One header, which does not say its version: this is the one that is tested."
    references "pkg:github/zserge/jsmn@v$jsmn"
    end
}

lwip_package() {
    begin lwip
    member name lwIP
    member versionInfo "$lwip"
    member supplier "Organization: The lwIP developers"
    licence BSD-3-Clause
    member homepage https://savannah.nongnu.org/projects/lwip/
    member downloadLocation "$lwip_tag"
    checksum "$lwip_sha256"
    member sourceInfo "Firmware only.${lwip_sha256:+ The checksum is that of Debian's source archive.}"
    references "cpe:2.3:a:lwip_project:lwip:$lwip:*:*:*:*:*:*:*"
    end
}

packages() {
    own_package
    mbedtls_package
    [ "$mbedtls_place" = system ] || everest_package
    jsmn_package
    [ "$lwip_place" = none ] || lwip_package
}

relationships() {
    relationship DOCUMENT DESCRIBES mmdclose
    if [ "$mbedtls_place" = system ]; then
        relationship mmdclose DYNAMIC_LINK mbedtls
    else
        relationship mmdclose STATIC_LINK mbedtls
        relationship mmdclose STATIC_LINK everest
        relationship mbedtls CONTAINS everest
    fi
    relationship mmdclose STATIC_LINK jsmn
    [ "$lwip_place" = none ] || relationship mmdclose STATIC_LINK lwip
}

version=$(sed -n 's/^.define MMD_VERSION *"\(.*\)"/\1/p' include/mmdclose/version.h)
copyright=$(sed -n '/^Copyright/{p;q;}' LICENSE)
authors=${copyright##*[0-9] }
jsmn=$(pin jsmn)
mbedtls=$(version_of mbedtls "$mbedtls_place")
mbedtls_sha256=$(checksum_of mbedtls "$mbedtls_place" "$mbedtls")
lwip=$(version_of lwip "$lwip_place")
lwip_sha256=$(checksum_of lwip "$lwip_place" "$lwip")
mbedtls_archive=NOASSERTION
[ -z "$mbedtls_sha256" ] ||
    mbedtls_archive=https://github.com/Mbed-TLS/mbedtls/releases/download/mbedtls-$mbedtls/mbedtls-$mbedtls.tar.bz2
lwip_tag=NOASSERTION
[ -z "$lwip_sha256" ] ||
    lwip_tag=git+https://git.savannah.nongnu.org/git/lwip.git@STABLE-$(echo "$lwip" | tr . _)_RELEASE

between=
comma=",
"
body=$(
    cat <<END
  "creationInfo": {
    "created": "$created",
    "creators": ["Organization: $authors", "Tool: mmdclose-sbom-$version"]
  },
  "packages": [
$(packages)
  ],
  "relationships": [
$(relationships)
  ]
END
)
# Whatever says something else has another name.
cat <<END
{
  "spdxVersion": "SPDX-2.3",
  "dataLicense": "CC0-1.0",
  "SPDXID": "SPDXRef-DOCUMENT",
  "name": "mmdclose-$version",
  "documentNamespace": "https://spdx.org/spdxdocs/mmdclose-$version-$(printf %s "$body" | sha256sum | cut -c 1-32)",
$body
}
END
