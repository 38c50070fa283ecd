import { UNCALIBRATED } from '../reading-facts.ts';
import { choose, count, counted } from './format.ts';

/**
 * English texts on the way in which a model reads a row, and on what follows for its numbers. `judges` has one for
 * each reading.
 */
export const reading = {
  judge: 'Kind of judge',
  judges: {
    pair: 'Classifier of pairs: A, B or tie',
    'pair-no-tie': 'Classifier of pairs: A or B, never a tie',
    reward: 'Reward model: one score for each answer',
  },
  probabilities: 'Probabilities',
  uncalibrated: UNCALIBRATED,
  uncalibratedNote: `${UNCALIBRATED}. A reward model gives scores, not probabilities: rely on which answer scores higher and by what margin. The log loss of these probabilities may be poor.`,
  neverTie: 'This model never predicts a tie: its probability is always 0.',
  text: 'What the model reads',
  chat: (date: string) => `A conversation with each answer, in its chat template; today is ${date}`,
  noSpread: 'Equal thirds are for the notebook’s text, not for conversations.',
  oneOrder: 'Both orders are one: each answer is scored for itself.',
  conversation: 'Conversation with',
  answers: ['Answer A', 'Answer B'] as [string, string],
  reward: 'Reward',
  rewards: 'Rewards',
  rewardA: 'Reward of A',
  rewardB: 'Reward of B',
  margin: 'Margin',
  marginHelp:
    'Reward of A minus reward of B. Rewards have no unit: compare them only within one model.',
  probability: 'Probability',
  table: 'Reward and probability of each answer',
  rewardsOf: (adapter: string) => `A, B and margin by ${adapter}`,
  adapter: 'Adapter',
  announce: (verdict: string, a: string, b: string, margin: string) =>
    `${verdict}. Reward of A ${a}, of B ${b}; margin ${margin}`,
  decided: (accuracy: string, rows: number) =>
    `Accuracy on the ${counted(rows, 'row')} not labelled tie: ${accuracy}.`,
  tieLabels: (ties: number, loss: string) =>
    choose(ties, {
      one: `One row is labelled tie. It counts as wrong and adds ${loss} to the sum behind the log loss: a probability of 0 is clipped to 2.2e-16.`,
      other: `${count(ties)} rows are labelled tie. They count as wrong, and each adds ${loss} to the sum behind the log loss: a probability of 0 is clipped to 2.2e-16.`,
    }),
};
