import { defineConfig } from 'vitest/config';

/** The fault list at its long counts: one file at a time, so that each has the machine for itself. */
export default defineConfig({
  test: {
    include: ['test/long/**/*.test.ts'],
    pool: 'forks',
    setupFiles: ['test/support/property-seed.ts'],
    experimental: { viteModuleRunner: false, nodeLoader: false },
    maxWorkers: 1,
    testTimeout: 6 * 3600_000,
    hookTimeout: 600_000,
    reporters: ['verbose'],
  },
});
