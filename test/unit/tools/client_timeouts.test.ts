import { describe, expect, it } from 'vitest';
import { isClientTimeout } from '../../../src/tools/client_timeouts.ts';

/** What clients send as the reason of `notifications/cancelled` when their own patience ends. */
const TIMEOUTS: readonly (readonly [string, string])[] = [
  // @modelcontextprotocol/sdk 1.x, shared/protocol.js; seen in logs of Claude Desktop and VS Code.
  ['TypeScript SDK', 'McpError: MCP error -32001: Request timed out'],
  // The same file, `maxTotalTimeout`.
  ['TypeScript SDK, total time', 'McpError: MCP error -32001: Maximum total timeout exceeded'],
  // `AbortSignal.timeout` given as the signal of a call, made text by that SDK.
  ['TypeScript SDK, own signal', 'TimeoutError: The operation was aborted due to timeout'],
  // python-sdk 2, shared/jsonrpc_dispatcher.py; 1.x sends nothing.
  ['Python SDK', 'timed out after 60.0s'],
  // go-sdk, mcp/transport.go: the error of the context.
  ['Go SDK', 'context deadline exceeded'],
  // rmcp, service.rs: REQUEST_TIMEOUT_REASON.
  ['Rust SDK', 'request timeout'],
  // Clients on rmcp that cancel by themselves.
  ['Goose', 'timed out'],
  // langchain4j, DefaultMcpClient.
  ['LangChain4j', 'Timeout'],
];

/** What they send when somebody wants it to stop, or of themselves for another cause. */
const WISHES: readonly (readonly [string, unknown])[] = [
  ['TypeScript SDK', 'AbortError: This operation was aborted'],
  ['TypeScript SDK, no reason', 'undefined'],
  ['Python SDK', 'caller cancelled'],
  ['Go SDK', 'context canceled'],
  ['the example of the protocol', 'User requested cancellation'],
  ['no reason at all', new DOMException('This operation was aborted', 'AbortError')],
  ['nothing', undefined],
  ['words far behind', `${'x'.repeat(1000)} timed out`],
];

describe('the reason of a cancellation', () => {
  it.each(TIMEOUTS)('%s: %s is patience at its end', (_, reason) => {
    expect(isClientTimeout(reason)).toBe(true);
  });

  it.each(WISHES)('%s: %s is a wish to stop', (_, reason) => {
    expect(isClientTimeout(reason)).toBe(false);
  });
});
