import { readBounds } from './bounding_box.ts';
import type { Item } from './state_model.ts';

const XML_MARKS: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** WMTS 1.0.0 capabilities with the one layer of an item, on the grid that web maps use. */
export function wmtsCapabilities(item: Item, baseUrl: string, key: string): string {
  const [west, south, east, north] = item.bbox === null ? WORLD : readBounds(item.bbox);
  const query = key === '' ? '' : `?key=${encodeURIComponent(key)}`;
  const root = `${baseUrl.replace(/\/+$/, '')}/items/${encodeURIComponent(item.id)}`;
  const tiles = `${root}/tiles/{TileMatrix}/{TileCol}/{TileRow}.png${query}`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<Capabilities xmlns="http://www.opengis.net/wmts/1.0" xmlns:ows="http://www.opengis.net/ows/1.1" version="1.0.0">
  <ows:ServiceIdentification>
    <ows:Title>${escaped(item.name)}</ows:Title>
    <ows:ServiceType>OGC WMTS</ows:ServiceType>
    <ows:ServiceTypeVersion>1.0.0</ows:ServiceTypeVersion>
  </ows:ServiceIdentification>
  <Contents>
    <Layer>
      <ows:Title>${escaped(item.name)}</ows:Title>
      <ows:Identifier>${escaped(item.id)}</ows:Identifier>
      <ows:WGS84BoundingBox>
        <ows:LowerCorner>${west} ${south}</ows:LowerCorner>
        <ows:UpperCorner>${east} ${north}</ows:UpperCorner>
      </ows:WGS84BoundingBox>
      <Style isDefault="true"><ows:Identifier>default</ows:Identifier></Style>
      <Format>image/png</Format>
      <TileMatrixSetLink><TileMatrixSet>WebMercatorQuad</TileMatrixSet></TileMatrixSetLink>
      <ResourceURL format="image/png" resourceType="tile" template="${escaped(tiles)}"/>
    </Layer>
    <TileMatrixSet>
      <ows:Identifier>WebMercatorQuad</ows:Identifier>
      <ows:SupportedCRS>urn:ogc:def:crs:EPSG::3857</ows:SupportedCRS>
${Array.from({ length: ZOOMS }, (_, zoom) => tileMatrix(zoom)).join('\n')}
    </TileMatrixSet>
  </Contents>
</Capabilities>
`;
}

const WORLD = [-180, -90, 180, 90] as const;
const ZOOMS = 20;
/** Scale of zoom 0, by the WMTS standard's well-known set. */
const WIDEST_SCALE = 559_082_264.028_717_8;

function tileMatrix(zoom: number): string {
  const tiles = 2 ** zoom;
  return `      <TileMatrix>
        <ows:Identifier>${zoom}</ows:Identifier>
        <ScaleDenominator>${WIDEST_SCALE / tiles}</ScaleDenominator>
        <TopLeftCorner>-20037508.342789244 20037508.342789244</TopLeftCorner>
        <TileWidth>256</TileWidth>
        <TileHeight>256</TileHeight>
        <MatrixWidth>${tiles}</MatrixWidth>
        <MatrixHeight>${tiles}</MatrixHeight>
      </TileMatrix>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => XML_MARKS[mark] ?? mark);
}
