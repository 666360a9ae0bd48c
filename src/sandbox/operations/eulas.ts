import { eulas } from '../../operations/eulas.ts';
import { handle, type OperationHandlers } from '../operation_handler.ts';
import { sizedPage, sorted } from '../pages.ts';
import { notFound } from '../problems.ts';
import type { StoredState } from '../state_model.ts';

/** The one licence of the sandbox's imagery, in two editions. */
const LICENCE = {
  id: 'eula_sandbox',
  name: 'sandbox-imagery',
  title: 'Licence of made-up imagery',
  createdAt: '2026-01-01T00:00:00Z',
};

const DOCUMENTS = [
  { id: 'eulad_2025', title: 'First edition', validFrom: '2025-01-01T00:00:00Z' },
  { id: 'eulad_2026', title: 'Second edition', validFrom: '2026-01-01T00:00:00Z' },
].map((document) => ({
  ...document,
  eulaId: LICENCE.id,
  text: 'Nothing here is real, and all of it is free.',
}));

const list = handle(eulas.list, (input, { context: { store } }) => {
  const matching = [licence(store.state)].filter(({ title }) =>
    title.toLowerCase().includes((input.term ?? '').toLowerCase()),
  );
  return { json: sizedPage(sorted(matching, input.sort), input) };
});

const get = handle(eulas.get, (input, { context: { store } }) => {
  requireLicence(input.eula_id);
  return { json: licence(store.state) };
});

const documentsList = handle(eulas.documentsList, (input, { context: { store } }) => {
  requireLicence(input.eula_id);
  const all = DOCUMENTS.map((document) => withAcceptance(store.state, document));
  return { json: sizedPage(sorted(all, input.sort), input) };
});

const documentGet = handle(eulas.documentGet, (input, { context: { store } }) => ({
  json: findDocument(store.state, input.eula_id, input.document_id),
}));

const documentAccept = handle(eulas.documentAccept, async (input, { context: { store } }) => {
  const { state } = store;
  const { id } = findDocument(state, input.eula_id, input.document_id);
  const others = state.accepted_documents.filter((accepted) => accepted !== id);
  state.accepted_documents = input.is_accepted ? [...others, id] : others;
  await store.save();
  return { json: findDocument(state, input.eula_id, id) };
});

export const eulaOperations: OperationHandlers = {
  ...list,
  ...get,
  ...documentsList,
  ...documentGet,
  ...documentAccept,
};

function licence({ accepted_documents }: StoredState) {
  return { ...LICENCE, isAccepted: accepted_documents.length > 0 };
}

function withAcceptance({ accepted_documents }: StoredState, document: (typeof DOCUMENTS)[number]) {
  return { ...document, isAccepted: accepted_documents.includes(document.id) };
}

/** @throws ProblemError 404 */
function requireLicence(id: string): void {
  if (id !== LICENCE.id) throw notFound('EULA');
}

/** @throws ProblemError 404 */
function findDocument(state: StoredState, eulaId: string, id: string) {
  requireLicence(eulaId);
  const document = DOCUMENTS.find((candidate) => candidate.id === id);
  if (!document) throw notFound('EULA document');
  return withAcceptance(state, document);
}
