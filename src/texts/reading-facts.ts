/** States that a reward model's probabilities are not calibrated, in English for exports. */
export const UNCALIBRATED = 'Not calibrated: Davidson’s formula with temperature 1 and no tie';
