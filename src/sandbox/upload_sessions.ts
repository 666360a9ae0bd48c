import { notFound, ProblemError } from './problems.ts';
import type { StoredState, UploadFile, UploadSession } from './state_model.ts';

/** Limits of an object name on Google Cloud Storage. */
const MAX_OBJECT_PATH_BYTES = 1024;
const UNUSABLE_NAME = /^\.{1,2}$|[\r\n]/;

/**
 * The session that a call names, with the call counted.
 *
 * @throws ProblemError 404
 */
export function calledSession(state: StoredState, id: string, operationId: string): UploadSession {
  const session = state.sessions.find((candidate) => candidate.id === id);
  if (!session) throw notFound('Upload session');
  session.calls[operationId] = (session.calls[operationId] ?? 0) + 1;
  return session;
}

/** @throws ProblemError 409 if the session has ended */
export function requireOpen(session: UploadSession): void {
  if (session.status === 'open') return;
  throw new ProblemError(409, `Upload session is already ${session.status}`);
}

/**
 * Notes a file of the session. The same name again is the same file, signed anew.
 *
 * @throws ProblemError 422 for a name that storage cannot hold, or a file too many
 */
export function addFile(session: UploadSession, fileName: string, contentType: string): UploadFile {
  const known = session.files.find((file) => file.file_name === fileName);
  if (known) {
    known.content_type = contentType;
    return known;
  }
  const objectPath = `uploads/${session.id}/${fileName}`;
  if (UNUSABLE_NAME.test(fileName) || Buffer.byteLength(objectPath) > MAX_OBJECT_PATH_BYTES) {
    throw new ProblemError(422, 'file_name cannot be used as an object name');
  }
  if (session.files.length >= session.file_count) {
    throw new ProblemError(
      422,
      `Upload session was opened for ${session.file_count} file(s); all of them are signed already`,
    );
  }
  const file = { file_name: fileName, content_type: contentType, object_path: objectPath };
  session.files.push(file);
  return file;
}
