import {
  FileNotTaken,
  type FileRefusal,
  ImportFailed,
  LayerNotChosen,
  UrlWindowOver,
} from '../connectors/geolens/geolens_errors.ts';
import { plainId, plainNames, plainText } from '../geopera/plain_text.ts';
import { inBytes } from './byte_words.ts';
import { inTime } from './duration_words.ts';
import { type Explanation, sentence } from './explanation.ts';

/** Words for what an upload to GeoLens meets; undefined for other errors. */
export function explainGeolens(error: unknown): Explanation | undefined {
  if (error instanceof FileNotTaken) return explainFile(error);
  if (error instanceof UrlWindowOver) return explainWindow(error);
  if (error instanceof LayerNotChosen) return explainLayers(error);
  if (error instanceof ImportFailed) return explainImport(error);
  return undefined;
}

interface Words {
  readonly what: (error: FileNotTaken) => string;
  readonly next: string;
}

/** Why a file is not sent, and what to do about it. */
const REFUSALS: Readonly<Record<FileRefusal, Words>> = {
  name: {
    what: () => 'its name is too long, a path, or has invisible characters',
    next: 'Pass another file_name, with the extension of the file.',
  },
  empty: { what: () => 'it is empty', next: 'Check the path, and whatever writes the file.' },
  vrt: {
    what: () => 'a VRT only points to other files',
    next: 'Upload the raster itself, e.g. written with gdal_translate -of COG.',
  },
  extension: {
    what: ({ takes }) => `the instance takes only ${plainNames(takes.extensions)}`,
    next: 'Convert the file, zip a shapefile with all its parts, or pass file_name if only the extension is wrong.',
  },
  too_large: {
    what: ({ bytes, takes: { mostBytes = 0 } }) =>
      `it has ${inBytes(bytes)} (${bytes} bytes), and the instance takes ${inBytes(mostBytes)} (${mostBytes} bytes) at most`,
    next: 'Make it smaller (compress or split it), or ask the user to have the limit of the instance raised.',
  },
  no_dataset_left: {
    what: () => 'the account may make no more datasets there',
    next: 'Ask the user to remove a dataset, or to have the quota raised.',
  },
};

function explainFile(error: FileNotTaken): Explanation {
  const { what, next } = REFUSALS[error.reason];
  return {
    code: `geolens_file_${error.reason}`,
    what: `GeoLens would not take the file ${plainText(error.fileName, 255)}: ${what(error)}. Nothing was sent.`,
    next,
    retryable: false,
  };
}

/** Clocks are rounded, and a URL may run out on its way. */
const EARLY_SECONDS = 60;

function explainWindow(error: UrlWindowOver): Explanation {
  const { windowSeconds, secondsLeft = 0, bytesSent, bytesTotal } = error;
  const long = windowSeconds === undefined ? '' : ` They were good for ${inTime(windowSeconds)}.`;
  const when = `when ${inBytes(bytesSent)} of ${inBytes(bytesTotal)} were sent`;
  if (secondsLeft > EARLY_SECONDS) {
    return {
      code: 'url_refused_early',
      what: `Storage refused the signed URLs as if they had run out, ${when}.${long} By its own clock they had ${inTime(secondsLeft)} left. GeoLens signs none anew.`,
      next: 'Tell the user: a proxy or firewall on the way may refuse uploads, or the keys of the storage were changed. The same call will likely fail again.',
      retryable: false,
    };
  }
  return {
    code: 'url_window_over',
    what: `Storage says that the signed URLs have run out, ${when}.${long} GeoLens signs none anew.`,
    next: 'All of the file must fit into that time. Call again over a faster line, or with a smaller file (compressed or split); or ask the user to have the time for uploads of the instance raised.',
    retryable: true,
  };
}

function explainLayers({ jobId, layers, asked }: LayerNotChosen): Explanation {
  const names = plainNames(layers);
  const why =
    asked === undefined
      ? 'and one is to be chosen'
      : `and none is called '${plainText(asked, 80)}'`;
  return {
    code: 'layer_not_chosen',
    what: `The file has ${layers.length === 1 ? '1 layer' : `${layers.length} layers`}, ${why}: ${names}. Nothing was committed.`,
    next: `Ask the user which one, unless it is plain. Then call geolens_commit with job_id ${plainId(jobId)}, a title and that layer_name: the file need not be sent again.`,
    retryable: false,
  };
}

function explainImport({ jobId, status, detail, canRetry }: ImportFailed): Explanation {
  const said = detail === undefined ? 'no reason was given.' : sentence(plainText(detail));
  const kept = canRetry ? ' GeoLens keeps the file, and can try the import again.' : '';
  return {
    code: 'geolens_import_failed',
    what: `GeoLens made no dataset of the file: job ${plainId(jobId)} ended as ${plainText(status, 40)}: ${said}${kept}`,
    next: canRetry
      ? 'If the cause was a passing one, the user can have it tried again on the page of that import in GeoLens. Else correct the file or the arguments that it names, and call again.'
      : 'Correct the file or the arguments that it names, and call again.',
    retryable: false,
  };
}
