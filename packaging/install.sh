#!/bin/sh
# Installs a released Clearpost for Linux or macOS, after its checksum was compared.
#   CLEARPOST_RELEASES=https://…/releases/download  CLEARPOST_VERSION=0.1.0  sh install.sh [FOLDER]
# FOLDER is where the program goes: ~/.local/bin unless you say otherwise.
set -eu
fail() { echo "install: $1" >&2; exit 1; }
releases=${CLEARPOST_RELEASES:?say where the releases are: CLEARPOST_RELEASES=https://HOST/OWNER/REPOSITORY/releases/download}
version=${CLEARPOST_VERSION:?say which version: CLEARPOST_VERSION=0.1.0}
folder=${1:-$HOME/.local/bin}
case $(uname -s) in
Linux) system=unknown-linux-musl ;;
Darwin) system=apple-darwin ;;
*) fail "no release for $(uname -s); on Windows use install.ps1" ;;
esac
case $(uname -m) in
x86_64 | amd64) machine=x86_64 ;;
aarch64 | arm64) machine=aarch64 ;;
*) fail "no release for $(uname -m)" ;;
esac
name=clearpost-$version-$machine-$system
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fetch() {
    if command -v curl >/dev/null; then
        curl --proto '=https,file' --fail --silent --show-error --location "$1" --output "$2"
    elif command -v wget >/dev/null; then
        wget --quiet "$1" --output-document="$2"
    else
        fail "neither curl nor wget is here"
    fi || fail "cannot fetch $1"
}
fetch "$releases/v$version/$name.tar.gz" "$work/$name.tar.gz"
fetch "$releases/v$version/SHA256SUMS" "$work/SHA256SUMS"
wanted=$(sed -n "s/^\([0-9a-f]\{64\}\)  $name\.tar\.gz\$/\1/p" "$work/SHA256SUMS")
[ -n "$wanted" ] || fail "SHA256SUMS does not name $name.tar.gz"
if command -v sha256sum >/dev/null; then
    found=$(sha256sum "$work/$name.tar.gz")
else
    found=$(shasum -a 256 "$work/$name.tar.gz")
fi
[ "${found%% *}" = "$wanted" ] || fail "the checksum of $name.tar.gz is not the published one; nothing was installed"
tar -C "$work" -xzf "$work/$name.tar.gz"
mkdir -p "$folder"
cp "$work/$name/clearpost" "$folder/.clearpost.new"
chmod 755 "$folder/.clearpost.new"
mv "$folder/.clearpost.new" "$folder/clearpost"
echo "installed $("$folder/clearpost" --version) in $folder"
case :$PATH: in *:"$folder":*) ;; *) echo "add $folder to your PATH to call it by its name" ;; esac
