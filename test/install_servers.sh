#!/bin/sh
# Installs the real servers that some tests run against, from Debian's packages. Without them those
# tests are skipped, and say so.
set -eu
as_root=''
[ "$(id -u)" = 0 ] || as_root='sudo'
$as_root apt-get update -q
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
  nginx-light redis-server curl openssl python3-swift
