#!/usr/bin/env bash
# Tailcall's binary wants a newer glibc than Debian 12 has: fetch one from the machine's own Debian mirror into a folder beside, for it alone.
set -euo pipefail
cd "$(dirname "$0")"
mirror=$(grep -hE '^(URIs: |deb )' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -oE "https?://[^ ]+" | head -1) || true
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" > "$work/sources.list"
options=(-o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache")
apt-get "${options[@]}" update
(cd "$work" && apt-get "${options[@]}" download libc6/trixie libgcc-s1/trixie)
for package in "$work"/*.deb; do dpkg-deb -x "$package" glibc; done
