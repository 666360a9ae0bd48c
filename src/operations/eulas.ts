import { z } from 'zod';
import { id, sizedPages, sortOrder } from './fields.ts';
import { defineOperation, untyped } from './operation.ts';

const eulaId = () => id('Licence id, from eulas.list.');
const documentId = () => id('Document id, from eulas.documents.list.');

export const eulas = {
  list: defineOperation({
    id: 'eulas.list',
    scope: 'eulas:read',
    effect: 'read',
    summary: 'List the data licences (EULAs), with what the organization has accepted.',
    keywords: 'license agreements terms conditions provider legal show agreed signed',
    input: () =>
      z
        .object({
          term: z.string().nullish().describe('Text to search for.'),
          ...sizedPages(20),
          sort: sortOrder('createdAt,desc'),
        })
        .strict(),
    output: untyped,
  }),

  get: defineOperation({
    id: 'eulas.get',
    scope: 'eulas:read',
    effect: 'read',
    summary: 'Read one data licence and whether the organization has accepted it.',
    keywords: 'license agreement terms details legal use allowed permitted agreed signed',
    input: () => z.object({ eula_id: eulaId() }).strict(),
    output: untyped,
  }),

  documentsList: defineOperation({
    id: 'eulas.documents.list',
    scope: 'eulas:read',
    effect: 'read',
    summary: 'List the documents of a data licence, with which of them are accepted.',
    keywords: 'license agreement texts files versions pdf terms paper',
    input: () =>
      z
        .object({ eula_id: eulaId(), ...sizedPages(20), sort: sortOrder('validFrom,desc') })
        .strict(),
    output: untyped,
  }),

  documentGet: defineOperation({
    id: 'eulas.document.get',
    scope: 'eulas:read',
    effect: 'read',
    summary: 'Read one document of a data licence and whether it is accepted.',
    keywords: 'license agreement text terms full conditions wording paper pdf open',
    input: () => z.object({ eula_id: eulaId(), document_id: documentId() }).strict(),
    output: untyped,
  }),

  documentAccept: defineOperation({
    id: 'eulas.document.accept',
    scope: 'eulas:write',
    effect: 'compute',
    repeatable: true,
    // The API calls it compute, yet it binds the organization to a contract.
    asksFirst: true,
    summary:
      'Accept a licence document for the whole organization. It is binding: let the user read the document first.',
    keywords: 'agree sign consent license agreement terms approve confirm yes',
    input: () =>
      z
        .object({
          eula_id: eulaId(),
          document_id: documentId(),
          is_accepted: z.boolean().default(true).describe('Whether the organization accepts it.'),
        })
        .strict(),
    output: untyped,
  }),
};
