import type { JobReport } from '../jobs/transfer_job.ts';
import { inBytes } from './byte_words.ts';
import { inTime } from './duration_words.ts';

/** How far a transfer is, for people: `Uploading a.tif: 1.2 GB of 40.0 GB, 85.3 MB/s, about 7 min left`. */
export function progressWords(report: JobReport): string {
  const { message, bytesDone, bytesTotal, bytesPerSecond, etaSeconds } = report;
  const moves = bytesTotal === undefined || bytesDone < bytesTotal;
  const figures = [
    amount(bytesDone, bytesTotal),
    moves && bytesPerSecond !== undefined ? `${inBytes(Math.round(bytesPerSecond))}/s` : '',
    moves && etaSeconds !== undefined ? `about ${inTime(etaSeconds)} left` : '',
  ].filter((words) => words !== '');
  return figures.length === 0 ? message : `${message}: ${figures.join(', ')}`;
}

function amount(done: number, total: number | undefined): string {
  if (total !== undefined) return `${inBytes(done)} of ${inBytes(total)}`;
  return done > 0 ? inBytes(done) : '';
}
