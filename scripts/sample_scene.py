"""Paints an invented harbour: water with a depth gradient, hills, built-up blocks and piers.

Usage: sample_scene.py OUT.tif    (called by make_sample_scene.sh)
"""

import sys

import numpy as np
from osgeo import gdal, osr

SIZE = 1024
PIXEL_METRES = 10.0
# UTM 56S: a window over the east coast at about 33.85 S, 151.2 E.
WEST, NORTH = 329_600.0, 6_256_900.0
# Red, green, blue as a true-colour sensor sees them.
DEEP, SHOAL = (16, 40, 62), (62, 104, 116)
FOREST, GRASS = (44, 66, 42), (112, 128, 78)
ROOF, STREET, PIER = (166, 152, 142), (104, 104, 106), (150, 148, 144)


def smooth_noise(rng, cells, octaves=4):
    """Value noise in 0..1 with detail at several scales."""
    total, weight = np.zeros((SIZE, SIZE)), 0.0
    for octave in range(octaves):
        n = cells * 2**octave
        grid = rng.random((n + 2, n + 2))
        at = np.linspace(0, n, SIZE, endpoint=False)
        low = at.astype(int)
        part = at - low
        part = part * part * (3 - 2 * part)
        rows = grid[low] * (1 - part)[:, None] + grid[low + 1] * part[:, None]
        total += (rows[:, low] * (1 - part) + rows[:, low + 1] * part) / 2**octave
        weight += 1 / 2**octave
    return total / weight


def shade(low, high, part):
    """Colours between two, one per pixel."""
    return np.stack([a + (b - a) * part for a, b in zip(low, high)])


def shore_distance(y, x, relief):
    """How far a pixel is from the shore, in widths of the scene: negative in the water."""
    axis = 0.52 + 0.13 * np.sin(5.2 * x + 0.6) + 0.05 * np.sin(17 * x)
    inlet = np.abs(y - axis) - (0.05 + 0.16 * x**1.7)
    past_the_end = np.maximum(y - 0.84, 0) + np.maximum(axis - y, 0)
    arm = np.hypot(x - 0.38 - 0.06 * np.sin(9 * y), past_the_end) - 0.05
    return np.minimum(inlet, arm) + 0.16 * (relief - 0.5)


def paint():
    rng = np.random.default_rng(2024)
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    relief, cover = smooth_noise(rng, 4, 5), smooth_noise(rng, 6, 4)
    shore = shore_distance(y, x, relief)
    water = shore < 0

    sea = shade(SHOAL, DEEP, np.clip(-shore / 0.12, 0, 1))
    slope = np.gradient(relief, axis=1) * 900
    land = shade(FOREST, GRASS, np.clip((cover - 0.35) * 2.5, 0, 1)) + slope
    scene = np.where(water, sea, land)

    town = ~water & (cover > 0.47) & (shore < 0.3)
    row, column = np.mgrid[0:SIZE, 0:SIZE]
    turned, across = (row * 4 + column) // 4, (column * 4 - row) // 4
    street = (turned % 14 < 2) | (across % 20 < 2)
    height = rng.integers(-34, 26, (200, 200))[(turned // 14) % 200, (across // 20) % 200]
    roofs = np.array(ROOF)[:, None, None] + height
    scene = np.where(town, np.where(street, np.array(STREET)[:, None, None], roofs), scene)

    pier = water & (shore > -0.035) & (column % 46 < 5) & (smooth_noise(rng, 5, 1) > 0.55)
    scene = np.where(pier, np.array(PIER)[:, None, None], scene)

    canopy = np.kron(rng.integers(-3, 4, (SIZE // 8, SIZE // 8)), np.ones((8, 8)))
    scene = scene + canopy * (~water & ~town)
    # Steps of three keep the file small, and are too fine to see.
    bands = np.clip(np.rint(scene / 3) * 3, 1, 255).astype(np.uint8)
    # The corner that the sensor's swath did not cover is nodata.
    return np.where(x - 0.13 + 0.1 * y < 0, 0, bands)


def write(path, bands):
    dataset = gdal.GetDriverByName("GTiff").Create(path, SIZE, SIZE, 3, gdal.GDT_Byte)
    system = osr.SpatialReference()
    system.ImportFromEPSG(32756)
    dataset.SetProjection(system.ExportToWkt())
    dataset.SetGeoTransform((WEST, PIXEL_METRES, 0, NORTH, 0, -PIXEL_METRES))
    dataset.SetMetadata({"TIFFTAG_DATETIME": "2024:03:14 10:21:07", "AREA_OR_POINT": "Area"})
    for index, (pixels, name) in enumerate(zip(bands, ("red", "green", "blue")), start=1):
        band = dataset.GetRasterBand(index)
        band.SetNoDataValue(0)
        band.SetDescription(name)
        band.WriteArray(pixels)
        band.ComputeStatistics(False)
    dataset.FlushCache()


gdal.UseExceptions()
write(sys.argv[1], paint())
