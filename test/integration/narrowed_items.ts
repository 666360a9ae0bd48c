import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { succeed, withId } from './sandbox/sandbox_fixture.ts';

/** The id of an item that nothing else is known of. */
export async function newItem(sandbox: Sandbox): Promise<string> {
  const input = { project_id: sandbox.projectId, name: 'Harbour', type: 'user_raster' };
  return (await succeed(sandbox, 'items.create', input, withId)).id;
}
