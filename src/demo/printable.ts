/** Names of files and of items are data: nothing in them may steer a terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '�');
}
