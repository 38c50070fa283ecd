/** Are the tests wanted too that take long on a software GPU, or depend on the machine's speed? See CONTRIBUTING.md. */
export const SLOW = process.env.SLOW_TESTS !== undefined;
