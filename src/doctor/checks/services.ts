import { type Found, fault, ok, warning } from '../finding.ts';
import type { Patient } from '../patient.ts';

const TOGETHER = 'Set what belongs together, or none of it: README, “Settings”.';

/** Whether the other services that are configured can be used. Nothing is said where none is. */
export async function checkServices(
  { halfConfigured, services }: Patient,
  signal: AbortSignal,
): Promise<Found[]> {
  const half = halfConfigured.map((words) => warning(words, TOGETHER));
  const probed = services.map(async ({ name, probe }) => {
    const { trouble, advice } = await probe(signal);
    if (trouble === undefined) return ok(`${name} answers, and takes the credentials`);
    return fault(trouble, advice ?? 'Tell whoever runs the service.');
  });
  return [...half, ...(await Promise.all(probed))];
}
