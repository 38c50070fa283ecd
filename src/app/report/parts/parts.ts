/** Parts of the report in their order. Their headings are those of the texts of the same name. */
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
