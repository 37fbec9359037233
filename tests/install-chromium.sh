#!/bin/sh
# Debian's Chromium without a window, or else the one with a window; with sudo where one is not root.
set -e
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo -n"
$as_root apt-get update -q
$as_root apt-get install -q -y --no-install-recommends chromium-headless-shell ||
  $as_root apt-get install -q -y --no-install-recommends chromium
