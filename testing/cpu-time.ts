/**
 * Milliseconds of processor time since a call of this function, as a function. Bounds of tests are about this time: a
 * busy machine puts a process aside for seconds, which says nothing about the program.
 */
export function cpuClock(): () => number {
  const begin = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(begin);
    return (user + system) / 1000;
  };
}
