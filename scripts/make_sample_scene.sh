#!/usr/bin/env bash
# Makes examples/harbour_2024.tif, the scene of the demo: a small Cloud-Optimized GeoTIFF of an
# invented harbour. Needs GDAL with its Python bindings: apt-get install gdal-bin python3-gdal
set -euo pipefail
cd "$(dirname "$0")/.."

# Debian installs the bindings for its own Python, which need not be the first one on the path.
python=$(command -v /usr/bin/python3 || command -v python3)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$python" scripts/sample_scene.py "$work/scene.tif"

gdal_translate -q -of COG \
  -co COMPRESS=DEFLATE -co LEVEL=9 -co PREDICTOR=YES -co BLOCKSIZE=256 \
  -co OVERVIEW_RESAMPLING=NEAREST -co NUM_THREADS=1 \
  "$work/scene.tif" "$work/cog.tif"

gdalinfo "$work/cog.tif" | grep -q 'LAYOUT=COG' || {
  echo 'the result is not a Cloud-Optimized GeoTIFF' >&2
  exit 1
}
mkdir -p examples
mv "$work/cog.tif" examples/harbour_2024.tif
gdalinfo examples/harbour_2024.tif
