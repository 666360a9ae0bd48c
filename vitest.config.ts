import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // As long as a busy machine may take: a test that polls has its own end.
    expect: { poll: { timeout: 30_000 } },
    // Many tests wait for a server more than they compute.
    maxWorkers: '100%',
  },
});
