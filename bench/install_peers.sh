#!/bin/sh
# Installs what `npm run bench` measures against, from Debian's packages.
set -eu
as_root=''
[ "$(id -u)" = 0 ] || as_root='sudo'
$as_root apt-get update -q
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
  nginx-light libnginx-mod-http-dav-ext libnginx-mod-stream aria2 rclone curl openssl time
