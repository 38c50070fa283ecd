/** Work that can be done in several ways, of which the first is the default. */
export interface Question {
  /** Name of the work, for messages. */
  name: string;
  /** One function per way, which does the work once and resolves to its milliseconds. */
  ways: readonly (() => Promise<number>)[];
}

/** The index of the chosen way for each question; `complete` is true if all were timed often enough to be trusted. */
interface Answers {
  answers: number[];
  complete: boolean;
}

// Share by which a way must be faster than the default, so that chance does not decide.
const MARGIN = 0.03;
const ROUNDS = 3;

/**
 * Times the ways of each question in turn, round after round, until the budget is used up. A way is compared with the
 * default of the same round, and the median over the rounds decides, because a device's clock rises and falls and
 * disturbances come and go. Every other round runs backwards, so that a rising clock favours no way. Questions with
 * fewer than {@link ROUNDS} whole rounds keep their default.
 */
export async function fastest(
  questions: readonly Question[],
  budgetMs: number,
  now: () => number = () => performance.now(),
): Promise<Answers> {
  const end = now() + budgetMs;
  const open = questions.flatMap(({ ways }, q) => (ways.length > 1 ? [q] : []));
  /** For each question and whole round, the times of all ways. */
  const rounds = questions.map((): number[][] => []);
  while (open.length > 0 && now() < end) {
    for (const q of open) {
      const { ways } = questions[q]!;
      const order = [...ways.keys()];
      if (rounds[q]!.length % 2 === 1) order.reverse();
      const times: number[] = [];
      for (const w of order) {
        if (now() >= end) break;
        times[w] = await ways[w]!();
      }
      if (Object.keys(times).length === ways.length) rounds[q]!.push(times);
    }
  }
  const known = questions.map(({ ways }, q) => ways.length < 2 || rounds[q]!.length >= ROUNDS);
  const answers = questions.map(({ ways }, q) => {
    if (!known[q] || ways.length < 2) return 0;
    const ratios = ways.map((_, w) => median(rounds[q]!.map((times) => times[w]! / times[0]!)));
    const least = Math.min(...ratios);
    return least < 1 - MARGIN ? ratios.indexOf(least) : 0;
  });
  return { answers, complete: known.every(Boolean) };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}
