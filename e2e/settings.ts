/** Ports of the test servers. */
export const APP_PORT = 4391;
export const HARNESS_PORT = 4392;
