import proj4 from 'proj4';

const GEOGRAPHIC = '+proj=longlat +datum=WGS84 +no_defs';
const WEB_MERCATOR =
  '+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m +nadgrids=@null +no_defs';

type Definition = (epsg: number) => string;

interface Family {
  readonly first: number;
  readonly last: number;
  readonly definition: Definition;
}

/** The reference systems that the sandbox knows. GDA94 and GDA2020 count as WGS 84 here (< 2 m). */
const FAMILIES: readonly Family[] = [
  { first: 4326, last: 4326, definition: () => GEOGRAPHIC },
  { first: 4283, last: 4283, definition: () => GEOGRAPHIC },
  { first: 7844, last: 7844, definition: () => GEOGRAPHIC },
  { first: 3857, last: 3857, definition: () => WEB_MERCATOR },
  { first: 32601, last: 32660, definition: (epsg) => utm(epsg - 32600, 'WGS84', false) },
  { first: 32701, last: 32760, definition: (epsg) => utm(epsg - 32700, 'WGS84', true) },
  { first: 28348, last: 28358, definition: (epsg) => utm(epsg - 28300, 'GRS80', true) },
  { first: 7846, last: 7859, definition: (epsg) => utm(epsg - 7800, 'GRS80', true) },
];

export type Position = readonly [number, number];

/** Between a reference system and longitude and latitude in degrees. */
export interface Projection {
  /** Whether its unit is the degree; otherwise it is the metre. */
  readonly geographic: boolean;
  toLonLat(position: Position): Position;
  fromLonLat(position: Position): Position;
}

/** The projection of an EPSG code, or nothing for one that the sandbox does not know. */
export function projectionOf(epsg: number): Projection | undefined {
  const family = FAMILIES.find(({ first, last }) => epsg >= first && epsg <= last);
  if (!family) return undefined;
  const definition = family.definition(epsg);
  const converter = proj4(GEOGRAPHIC, definition);
  return {
    geographic: definition === GEOGRAPHIC,
    toLonLat: ([x, y]) => pair(converter.inverse([x, y])),
    fromLonLat: ([lon, lat]) => pair(converter.forward([lon, lat])),
  };
}

function utm(zone: number, ellipsoid: string, south: boolean): string {
  const hemisphere = south ? ' +south' : '';
  return `+proj=utm +zone=${zone}${hemisphere} +ellps=${ellipsoid} +towgs84=0,0,0 +units=m +no_defs`;
}

function pair(values: readonly number[]): Position {
  const [x = Number.NaN, y = Number.NaN] = values;
  return [x, y];
}
