import process from 'node:process';
import fc from 'fast-check';

/**
 * Properties draw the same examples each time, so that a change is judged by itself and not by luck; a failure tells its seed
 * anyway. New examples are looked for by `npm run long:property`, and what it finds becomes a test of its own.
 */
fc.configureGlobal({ seed: Number(process.env['COFFER_PROPERTY_SEED'] ?? 1) });
