import { defineConfig } from 'vitest/config';

// `forks`: two files that load the embedded engine in one process's threads crash it.
export default defineConfig({
  test: {
    pool: 'forks',
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
