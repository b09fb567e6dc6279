#!/usr/bin/env bash
# Packs the program built for a target, with completions, manual pages and licences, into dist/.
#   packaging/archive.sh TARGET
set -euo pipefail
cd "$(dirname "$0")/.."
target=$1
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
name=clearpost-$version-$target
built=${CARGO_TARGET_DIR:-target}/$target/release/clearpost
case $target in *windows*) built=$built.exe ;; esac
rm -rf "dist/$name"
mkdir -p "dist/$name/completions"
cp "$built" README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT "dist/$name/"
for shell in bash zsh fish powershell elvish; do
    "$built" completions "$shell" > "dist/$name/completions/clearpost.$shell"
done
"$built" man -o "dist/$name/man"
case $target in
*windows*) (cd dist && 7z a -bso0 "$name.zip" "$name") ;;
*) tar -C dist -czf "dist/$name.tar.gz" "$name" ;;
esac
rm -rf "dist/$name"
