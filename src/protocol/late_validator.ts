import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import type { jsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/types.js';

/** The SDK makes a validator for each server, which costs more than all else of it; few ever use it. */
export function lateValidator(): jsonSchemaValidator {
  let made: AjvJsonSchemaValidator | undefined;
  return {
    getValidator(schema) {
      made ??= new AjvJsonSchemaValidator();
      return made.getValidator(schema);
    },
  };
}
