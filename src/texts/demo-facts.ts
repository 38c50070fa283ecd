/** Notices in packages of the demo model, which stand beside every result: that of the whole, and one per adapter. */
export const DEMO_NOTICE: Record<'whole' | 'demo' | 'demo-b', string> = {
  whole:
    'Demo model: 21 MB, trained in 8 minutes on 10,669 judged pairs. Better than guessing, far from a 9B model.',
  demo: "This adapter follows people's judgements.",
  'demo-b': "This adapter follows GPT-4's judgements.",
};

/** The notices of the demo model with its first adapter, which the page loads first. */
export const DEMO_NOTICES = [
  { name: 'demo', notice: `${DEMO_NOTICE.whole} ${DEMO_NOTICE.demo}` },
] as const;

/**
 * Figures of the demo model from training/MODEL_CARD.md, for the texts of every language. They are written as shown.
 */
export const DEMO = {
  layers: 6,
  width: 128,
  /** Figures of training. */
  minutes: 8,
  pairs: 14_379,
  sources: {
    judged: ['MT-Bench', 'Vicuna', 'Tülu', 'PandaLM', 'LFQA', 'LLMBar'],
    byGpt4: ['Arena', 'H2O', 'QLoRA'],
  },
  licences: ['MIT', 'Apache-2.0', 'CC-BY-4.0'],
  /** Figures on pairs that people judged, of prompts that the model never saw. */
  judgedRows: 1177,
  logLoss: '0.917',
  logLossInterval: ['0.871', '0.965'],
  bothOrders: '0.909',
  bothOrdersInterval: ['0.862', '0.956'],
  /** Log loss of the label frequencies, and of a regression on surface features. */
  frequencies: '1.052',
  surface: '0.945',
  accuracy: ['57', '58'],
} as const;
