import { processing } from '../../operations/processing.ts';
import { CREDITS_PER_AUD } from '../credits.ts';
import { handle, type OperationHandlers } from '../operation_handler.ts';
import { findProcess, PROCESSES, processRecord, requireInputs } from '../processes.ts';

/** As OGC API Processes lists them. */
const list = handle(processing.catalogList, () => ({
  json: {
    processes: PROCESSES.map(processRecord).map(({ inputs: _in, outputs: _out, ...head }) => head),
  },
}));

const get = handle(processing.catalogGet, ({ process_id }) => ({
  json: processRecord(findProcess(process_id)),
}));

/** An empty answer says that the inputs are right. */
const validate = handle(processing.catalogValidate, ({ process_id, inputs }) => {
  requireInputs(findProcess(process_id), inputs);
  return { mediaType: 'application/json', body: '' };
});

const estimate = handle(processing.catalogEstimate, ({ process_id, inputs }) => {
  const process = findProcess(process_id);
  requireInputs(process, inputs);
  const { credits } = process;
  return { json: { process_id, credits, aud: credits / CREDITS_PER_AUD } };
});

const jobTypes = handle(processing.jobTypesList, ({ category }) => ({
  json: {
    job_types: PROCESSES.map(({ id, title }) => ({ name: id, title, category: 'raster' })).filter(
      (type) => (category ?? type.category) === type.category,
    ),
  },
}));

export const processOperations: OperationHandlers = {
  ...list,
  ...get,
  ...validate,
  ...estimate,
  ...jobTypes,
};
