import { z } from 'zod';
import { id } from './fields.ts';

export const orderId = () => id('Order id.');

export const dataProduct = () => id('Data product id, from glossary.data_products.list.');

export const orderName = () => z.string().describe('Name of the order, for people.');

/** What a data product wants to be told; the API checks it against the form of that product. */
export const orderParams = () =>
  z.record(z.unknown()).describe('What the data product asks for, by orders.get_schema.');

export const orderedAreas = () =>
  z.record(z.unknown()).describe('GeoJSON FeatureCollection; each feature is an area to order.');

export const tags = () => z.array(z.string());
