import { CREDITS_PER_AUD } from './credits.ts';
import { notFound, ProblemError } from './problems.ts';

/** One input of a process. */
interface ProcessInput {
  readonly title: string;
  readonly type: 'string' | 'number' | 'boolean';
  readonly required: boolean;
}

/** Something that can be run; the results are made up. */
interface Process {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly credits: number;
  readonly inputs: Readonly<Record<string, ProcessInput>>;
}

const item: ProcessInput = { title: 'Item to work on', type: 'string', required: true };

/** What the sandbox can run. */
export const PROCESSES: readonly Process[] = [
  {
    id: 'vegetation-index',
    title: 'Vegetation index',
    description: 'A made-up NDVI of an item.',
    credits: 50,
    inputs: { item_id: item, scale: { title: 'Factor', type: 'number', required: false } },
  },
  {
    id: 'hillshade',
    title: 'Hillshade',
    description: 'A made-up hillshade of an elevation model.',
    credits: 80,
    inputs: { item_id: item, azimuth: { title: 'Light', type: 'number', required: false } },
  },
  {
    id: 'cloud-mask',
    title: 'Cloud mask',
    description: 'A made-up mask of the clouds of an item.',
    credits: 120,
    inputs: { item_id: item, dilate: { title: 'Grow', type: 'boolean', required: false } },
  },
];

/** @throws ProblemError 404 */
export function findProcess(id: string): Process {
  const process = PROCESSES.find((candidate) => candidate.id === id);
  if (!process) throw notFound('Process');
  return process;
}

/** @throws ProblemError 422 for an input that is missing, unknown or of another type */
export function requireInputs(process: Process, inputs: Readonly<Record<string, unknown>>): void {
  for (const [name, { type, required }] of Object.entries(process.inputs)) {
    const value = inputs[name];
    if (value === undefined && required) throw refused(name, 'is required');
    if (value !== undefined && typeof value !== type) throw refused(name, `must be a ${type}`);
  }
  for (const name of Object.keys(inputs)) {
    if (!Object.hasOwn(process.inputs, name)) throw refused(name, 'is no input of this process');
  }
}

function refused(input: string, why: string): ProblemError {
  return new ProblemError(422, `inputs.${input} ${why}`);
}

/** A process as OGC API Processes describes one. */
export function processRecord({ id, title, description, credits, inputs }: Process) {
  return {
    id,
    title,
    description,
    version: '1.0',
    jobControlOptions: ['async-execute'],
    price: { credits, aud: credits / CREDITS_PER_AUD },
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, input]) => [
        name,
        { title: input.title, minOccurs: Number(input.required), schema: { type: input.type } },
      ]),
    ),
    outputs: { item: { title: 'The item that was made', schema: { type: 'string' } } },
  };
}
