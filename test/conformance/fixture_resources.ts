import type { ReadResourceResult, Resource } from '@modelcontextprotocol/sdk/types.js';
import { ResourceNotFound, type ResourceOffer } from '../../src/resources/resource_offer.ts';
import { RED_PIXEL } from './fixture_media.ts';

type Content = ReadResourceResult['contents'][number];

const STATIC: readonly (Resource & { readonly content: Content })[] = [
  {
    uri: 'test://static-text',
    name: 'static-text',
    description: 'A text that stays as it is',
    mimeType: 'text/plain',
    content: {
      uri: 'test://static-text',
      mimeType: 'text/plain',
      text: 'This is the content of the static text resource.',
    },
  },
  {
    uri: 'test://static-binary',
    name: 'static-binary',
    description: 'Bytes that stay as they are',
    mimeType: RED_PIXEL.mimeType,
    content: {
      uri: 'test://static-binary',
      mimeType: RED_PIXEL.mimeType,
      blob: RED_PIXEL.data,
    },
  },
  {
    uri: 'test://watched-resource',
    name: 'watched-resource',
    description: 'A text that may be watched',
    mimeType: 'text/plain',
    content: { uri: 'test://watched-resource', mimeType: 'text/plain', text: 'Nothing changed.' },
  },
];

const TEMPLATE_URI = /^test:\/\/template\/(?<id>[^/]+)\/data$/;

function templated(uri: string): Content | undefined {
  const id = TEMPLATE_URI.exec(uri)?.groups?.['id'];
  if (id === undefined) return undefined;
  const facts = { id, templateTest: true, data: `Data for ID: ${id}` };
  return { uri, mimeType: 'application/json', text: JSON.stringify(facts) };
}

function contentOf(uri: string): Content {
  const content = STATIC.find((it) => it.uri === uri)?.content ?? templated(uri);
  if (content === undefined) throw new ResourceNotFound(uri);
  return content;
}

export const fixtureResources: ResourceOffer = {
  templates: [
    {
      uriTemplate: 'test://template/{id}/data',
      name: 'template',
      description: 'Data of one id',
      mimeType: 'application/json',
    },
  ],
  list: async () => STATIC.map(({ content: _, ...listed }) => listed),
  read: async (uri) => ({ contents: [contentOf(uri)] }),
  complete: async () => [],
  async watch(uri) {
    contentOf(uri);
    return () => undefined;
  },
};
