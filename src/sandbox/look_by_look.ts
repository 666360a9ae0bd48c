import type { SandboxContext } from './context.ts';

/** Work that moves on at each look at it: nothing runs in between, so that a test sees every state. */
interface Watched {
  looks: number;
  updated_at: string;
}

/** The ways of one kind of work. */
interface Course<Work extends Watched> {
  isOver(work: Work): boolean;
  begin(work: Work): void;
  finish(work: Work): void | Promise<void>;
}

const finishing = new WeakMap<Watched, Promise<void>>();

/** Moves work on by one look; the last of `clipSteps` looks finishes it, and others wait for that. */
export async function lookAt<Work extends Watched>(
  context: SandboxContext,
  work: Work,
  course: Course<Work>,
): Promise<void> {
  const end = finishing.get(work);
  if (end) return end;
  if (course.isOver(work)) return;
  work.looks += 1;
  course.begin(work);
  if (work.looks >= context.settings.clipSteps) {
    const run = Promise.resolve(course.finish(work)).finally(() => finishing.delete(work));
    finishing.set(work, run);
    await run;
  }
  work.updated_at = context.settings.now().toISOString();
  await context.store.save();
}
