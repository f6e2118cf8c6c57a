import { defineConfig } from 'vitest/config';

const report = process.env.COFFER_TEST_REPORT;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/long/**', 'test/bench/**'],
    pool: 'forks',
    setupFiles: ['test/support/property-seed.ts'],
    // Node loads tests and engine by itself, as the product does; nothing is mocked by module, ports are parameters.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    slowTestThreshold: 2_000,
    reporters: report === undefined ? ['default'] : ['default', 'json'],
    ...(report === undefined ? {} : { outputFile: { json: report } }),
  },
});
