#!/bin/sh
# Installs the Debian packages that building and testing clipig needs, and only those that are missing.
set -eu
cd "$(dirname "$0")"
packages=$(sed 's/#.*//' debian_packages.txt | tr -s ' \n' ' ')
missing=
for package in $packages; do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
echo "installing:$missing"
sudo=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "error: run as root, or install sudo, or install these packages yourself:$missing" >&2; exit 2; }
    sudo=sudo
fi
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -q
# shellcheck disable=SC2086
$sudo apt-get install -y -q --no-install-recommends $missing
