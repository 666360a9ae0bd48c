/** Jobs are UUIDs. What could lead elsewhere in a path is no id. */
export const isJobId = (text: string): boolean => /^[\w-]{1,64}$/.test(text);
