/** Rewards of a pair's answers, and how much higher that of A is. */
export interface Rewards {
  a: number;
  b: number;
  margin: number;
}

/** Means over the adapters. @param rewards [adapters, 2]: of A and of B. */
export function meanRewards(rewards: ArrayLike<number>): Rewards {
  const adapters = rewards.length / 2;
  let a = 0;
  let b = 0;
  for (let i = 0; i < adapters; i += 1) {
    a += rewards[2 * i]! / adapters;
    b += rewards[2 * i + 1]! / adapters;
  }
  return { a, b, margin: a - b };
}
