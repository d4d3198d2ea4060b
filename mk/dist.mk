# SPDX-License-Identifier: MIT
# The release: the last commit as a tarball, its bill of materials (SPDX), their checksums. docs/releasing.md says how a
# release is made and verified.
RELEASE := mmdclose-$(VERSION)
DIST    := build/dist
# Neither a user's nor a machine's settings of git may change a byte.
ARCHIVE  = GIT_ATTR_NOSYSTEM=1 git -c core.attributesFile=/dev/null -c core.autocrlf=false -c core.eol=lf \
           -c tar.umask=0022 archive --format=tar --prefix=$(RELEASE)/ HEAD

.PHONY: dist
dist: ## make the release of the last commit in build/dist: tarball, bill of materials, checksums
	@git ls-files --error-unmatch Makefile >/dev/null 2>&1 || { \
	    echo 'dist: a release is made of a commit, and this is no clone' >&2; exit 1; }
	@changed=$$(git status --porcelain --untracked-files=all) && test -z "$$changed" || { \
	    printf 'dist: a release has only what is committed, and this is not:\n%s\n' "$$changed" >&2; exit 1; }
	@rm -rf $(DIST) && mkdir -p $(DIST)
	@$(ARCHIVE) >$(DIST)/$(RELEASE).tar
	@GZIP= gzip -9n $(DIST)/$(RELEASE).tar
	@sh tools/sbom.sh "$$(git log -1 --format=%ct)" pinned pinned $(DIST)/$(RELEASE).tar.gz >$(DIST)/$(RELEASE).spdx.json
	@cd $(DIST) && sha256sum $(RELEASE).tar.gz $(RELEASE).spdx.json >$(RELEASE).sha256 && cat $(RELEASE).sha256

# Of what is installed: of the sources that were built.
$(READY)/mmdclose.spdx.json: FORCE
	@mkdir -p $(@D)
	@sh tools/sbom.sh $(CLOCK_FLOOR) $(if $(SYSTEM_MBEDTLS),system,$(MBEDTLS)) $(or $(LWIP),none) >$@
