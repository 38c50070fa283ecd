/** Texts on the way in which a model reads a row, and on what follows for its numbers. `judges` has one for each. */
export const reading = {
  judge: 'Kind of judge',
  judges: {
    pair: 'Classifier of pairs: A, B or tie',
    'pair-no-tie': 'Classifier of pairs: A or B, never a tie',
    reward: 'Reward model: one score for each answer',
  },
  probabilities: 'Probabilities',
  uncalibrated: 'Not calibrated: Davidson’s formula with temperature 1 and no tie',
  uncalibratedMeaning:
    'A reward model gives scores, not probabilities. Trust which answer scores higher, and by what margin; the log loss of these probabilities may be poor.',
  neverTie: 'This model never predicts a tie: its probability is 0.',
  oneOrder: 'Both orders are one: each answer is scored for itself.',
  rewardA: 'Reward of A',
  rewardB: 'Reward of B',
  margin: 'Margin (A − B)',
};
