#!/bin/sh
# Debian's and Ubuntu's Chromium, with sudo where one is not root.
set -e
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo -n"
$as_root apt-get update -q
$as_root apt-get install -q -y --no-install-recommends chromium
