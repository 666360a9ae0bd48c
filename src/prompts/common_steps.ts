/** What holds of every transfer that a prompt leads through. */
export const FOLLOW =
  'While an answer says status "running", call transfer_status with its transfer_id until it is completed. Do not start the transfer again.';

export const ON_FAILURE =
  'If a call fails, do what its error says. Repeat a call only if the error says that it may help, at most twice; else tell the user what failed and why.';
