/** Of dots alone it would be a step in a path. */
const CONTRACT_ID = /^(?!\.+$)[\w.:~-]{1,200}$/;

/** Whether a text can be the id of a contract, and be put into a path and a header. */
export function isContractId(text: string): boolean {
  return CONTRACT_ID.test(text);
}

/** Where contracts are negotiated. */
export const CONTRACTS_PATH = '/v2/contracts';

/** The path of a contract, or of what is done to it. */
export function contractPath(contractId: string, rest = ''): string {
  return `${CONTRACTS_PATH}/${encodeURIComponent(contractId)}${rest}`;
}
