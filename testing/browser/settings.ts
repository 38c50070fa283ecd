/**
 * Ports of the test servers. `E2E_PORT` shifts both, so that two checkouts can run their browser tests side by side.
 */
export const APP_PORT = Number(process.env.E2E_PORT ?? 4391);
export const HARNESS_PORT = APP_PORT + 1;
