/** A host of imagery whose catalogue can be searched. */
export interface Host {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly license: string;
  readonly collections: readonly MarketCollection[];
}

/** Made-up imagery of one kind: a scene for each cell of a grid, every few days. */
export interface MarketCollection {
  readonly id: string;
  readonly title: string;
  readonly sensor: string;
  readonly data_type: string;
  /** Metres a pixel. */
  readonly gsd: number;
  /** Side of a scene in degrees. */
  readonly cellDegrees: number;
  readonly everyDays: number;
  /** What a square kilometre costs; undefined where the imagery is free and not for sale. */
  readonly audPerKm2: number | undefined;
}

/** The sandbox's market: names and prices are made up but for the public archive. */
export const HOSTS: readonly Host[] = [
  {
    name: 'earthsearch-aws',
    title: 'Earth Search (made up)',
    description: 'Made-up scenes in the place of the public Sentinel-2 archive.',
    license: 'proprietary',
    collections: [
      {
        id: 'sentinel-2-l2a',
        title: 'Sentinel-2 L2A (made up)',
        sensor: 'msi',
        data_type: 'optical',
        gsd: 10,
        cellDegrees: 1,
        everyDays: 5,
        audPerKm2: undefined,
      },
    ],
  },
  {
    name: 'sandbox-optical',
    title: 'Sandbox Optical',
    description: 'A made-up seller of sharp images.',
    license: 'sandbox-imagery',
    collections: [
      {
        id: 'sandbox-30cm',
        title: 'Sandbox 30 cm',
        sensor: 'optical-30',
        data_type: 'optical',
        gsd: 0.3,
        cellDegrees: 0.1,
        everyDays: 30,
        audPerKm2: 0.9,
      },
      {
        id: 'sandbox-50cm',
        title: 'Sandbox 50 cm',
        sensor: 'optical-50',
        data_type: 'optical',
        gsd: 0.5,
        cellDegrees: 0.1,
        everyDays: 10,
        audPerKm2: 0.4,
      },
    ],
  },
  {
    name: 'sandbox-radar',
    title: 'Sandbox Radar',
    description: 'A made-up seller of radar images, which no cloud hides.',
    license: 'sandbox-imagery',
    collections: [
      {
        id: 'sandbox-sar-1m',
        title: 'Sandbox SAR 1 m',
        sensor: 'x-band-sar',
        data_type: 'sar',
        gsd: 1,
        cellDegrees: 0.2,
        everyDays: 12,
        audPerKm2: 0.25,
      },
      {
        id: 'sandbox-sar-3m',
        title: 'Sandbox SAR 3 m',
        sensor: 'x-band-sar',
        data_type: 'sar',
        gsd: 3,
        cellDegrees: 0.5,
        everyDays: 6,
        audPerKm2: 0.1,
      },
    ],
  },
];

/** How one collection can be bought. */
export interface DataProduct {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly collection: MarketCollection;
  readonly host: Host;
  /** How much dearer it is than the plain image. */
  readonly factor: number;
}

const DELIVERIES = [
  { suffix: 'display', title: 'for display', factor: 1 },
  { suffix: 'analytic', title: 'for analysis', factor: 1.5 },
  { suffix: 'ortho', title: 'orthorectified', factor: 2 },
];

/** All that is for sale. */
export const DATA_PRODUCTS: readonly DataProduct[] = HOSTS.flatMap((host) =>
  host.collections
    .filter(({ audPerKm2 }) => audPerKm2 !== undefined)
    .flatMap((collection) =>
      DELIVERIES.map(({ suffix, title, factor }) => ({
        id: `dp-${collection.id}-${suffix}`,
        name: `${collection.id}-${suffix}`,
        title: `${collection.title}, ${title}`,
        collection,
        host,
        factor,
      })),
    ),
);
