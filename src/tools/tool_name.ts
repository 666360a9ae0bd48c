/** `uploads.initiate` → `uploads_initiate`: several clients refuse or garble a dot in a name. */
export function toolName(operationId: string): string {
  return operationId.replaceAll('.', '_');
}
