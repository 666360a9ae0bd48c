import { ResourceNotFound, type ResourceOffer } from './resource_offer.ts';

/** What of Geopera, and of its transfers, can be read as a resource. */
export function geoperaResources(): ResourceOffer {
  return {
    templates: [],
    list: async () => [],
    read: async (uri) => Promise.reject(new ResourceNotFound(uri)),
    complete: async () => [],
    watch: async (uri) => Promise.reject(new ResourceNotFound(uri)),
  };
}
