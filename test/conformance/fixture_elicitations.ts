import type { ElicitRequestFormParams } from '@modelcontextprotocol/sdk/types.js';

type RequestedSchema = ElicitRequestFormParams['requestedSchema'];

const titled = (names: Readonly<Record<string, string>>) =>
  Object.entries(names).map(([value, title]) => ({ const: value, title }));

const OPTIONS = ['option1', 'option2', 'option3'];

/** Two texts that a user must give. */
export const NAME_AND_ADDRESS: RequestedSchema = {
  type: 'object',
  properties: {
    username: { type: 'string', description: "User's response" },
    email: { type: 'string', description: "User's email address" },
  },
  required: ['username', 'email'],
};

/** Each primitive type with a default: https://github.com/modelcontextprotocol/modelcontextprotocol/issues/1034 */
export const EACH_DEFAULT: RequestedSchema = {
  type: 'object',
  properties: {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  },
};

/** Each way to offer a choice: https://github.com/modelcontextprotocol/modelcontextprotocol/issues/1330 */
export const EACH_CHOICE: RequestedSchema = {
  type: 'object',
  properties: {
    untitledSingle: { type: 'string', enum: OPTIONS },
    titledSingle: {
      type: 'string',
      oneOf: titled({ value1: 'First Option', value2: 'Second Option', value3: 'Third Option' }),
    },
    legacyEnum: {
      type: 'string',
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three'],
    },
    untitledMulti: { type: 'array', items: { type: 'string', enum: OPTIONS } },
    titledMulti: {
      type: 'array',
      items: {
        anyOf: titled({ value1: 'First Choice', value2: 'Second Choice', value3: 'Third Choice' }),
      },
    },
  },
};
