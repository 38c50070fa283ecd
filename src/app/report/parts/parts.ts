/** Parts of the report in their order. The texts of the same name hold their headings. */
export const PARTS = [
  'quality',
  'predictions',
  'slices',
  'leaderboard',
  'table',
  'post',
  'compare',
] as const;
export type ReportPart = (typeof PARTS)[number];
