# SPDX-License-Identifier: MIT
# Debian packages from this tree. docs/packages.md says what they hold, and what a removal leaves.
#   make deb DEB_REVISION=0company2 DEBFULLNAME=NAME DEBEMAIL=ADDRESS    another build of the same version, and whose
#   make deb DEB_BUILD_OPTIONS='parallel=1 noddebs'                      as Debian's policy has them
DEB_REVISION ?= 0upstream1
DEBFULLNAME  ?= The mmdclose authors
# An address that is none: who hands out packages gives an own one.
DEBEMAIL     ?= maintainers@mmdclose.invalid
DEB_ROOT     ?= deps/bookworm.tar
DEB          := build/deb
DEB_TREE     := $(DEB)/mmdclose-$(VERSION)

# What packaging/debian leaves open, since it stands somewhere else.
DEB_FILL = sed -e 's|@VERSION@|$(VERSION)-$(DEB_REVISION)|' -e 's|@ABI@|$(ABI)|' \
    -e 's|@DATE@|$(shell LC_ALL=C date -u -R -d @$(CLOCK_FLOOR))|' -e 's|@MAINTAINER@|$(DEBFULLNAME) <$(DEBEMAIL)>|' \
    -e "s|@YEAR@|$$(sed -n 's/^Copyright (c) \([0-9-]*\) .*/\1/p' LICENSE)|" \
    -e '/^@MIT@$$/{r $(DEB)/mit' -e 'd}'

.PHONY: deb deb-check
# A copy: Debian's tools write into the tree. With none of the variables of this make: the packages are always the same.
deb: deps-deb ## build Debian packages into build/deb, and show them to lintian
	@rm -rf $(DEB)
	@mkdir -p $(DEB_TREE)/debian/source $(DEB_TREE)/deps
	@tar -c --exclude=./build --exclude=./deps --exclude=./.git --exclude=__pycache__ . | tar -x -C $(DEB_TREE)
	@ln -s '$(abspath $(MBEDTLS))' $(DEB_TREE)/deps/mbedtls
	@sed -n '/^Permission/,$$p' LICENSE | sed 's/^$$/./; s/^/ /' >$(DEB)/mit
	@for file in $$(cd packaging/debian && find * -type f); do \
	    name=$$(echo "$$file" | sed 's/@ABI@/$(ABI)/'); \
	    $(DEB_FILL) "packaging/debian/$$file" >"$(DEB_TREE)/debian/$$name" || exit 1; done
	@chmod +x $(DEB_TREE)/debian/rules
	@(cd $(DEB_TREE) && env -i PATH="$$PATH" HOME="$$HOME" LC_ALL=C.UTF-8 DEB_BUILD_OPTIONS="$$DEB_BUILD_OPTIONS" \
	    dpkg-buildpackage -us -uc -b) >$(DEB)/log 2>&1 || { tail -n 20 $(DEB)/log; exit 1; }
	@lintian --fail-on error --allow-root $(DEB)/*.changes
	@ls $(DEB)/*.deb

deb-check: deb ## install, use, upgrade and remove the Debian packages, in a root that is thrown away (as root)
	@python3 -B test/deb/run.py $(DEB) $(DEB_ROOT) $(TESTS)
