/** The numbers of heads that decide the size of attention scores. */
interface AttentionShape {
  numHeads: number;
  numKeyValueHeads: number;
}

/**
 * The numbers of groups into which heads can be split such that each group is a product of its own, ascending. A group
 * has whole key/value heads, or a part of the query heads of one.
 */
export function headGroupChoices({ numHeads, numKeyValueHeads }: AttentionShape): number[] {
  const shared = numHeads / numKeyValueHeads;
  const choices: number[] = [];
  for (let groups = 1; groups <= numHeads; groups += 1) {
    const heads = numHeads / groups;
    if (!Number.isInteger(heads)) continue;
    if (heads % shared === 0 || shared % heads === 0) choices.push(groups);
  }
  return choices;
}

/**
 * Scores are split if a buffer would be larger than this, even on devices that allow it. ONNX Runtime reuses buffers of
 * up to 160 MiB but allocates larger ones anew, of which up to five exist at a time. On an H100 a 9B batch of 4 x 2,048
 * tokens took 5.4 GB less with split scores, at the same speed (bench/gpu-plan.ts).
 */
const COMFORTABLE_BYTES = 128 * 2 ** 20;

/**
 * The smallest number of groups with which attention scores fit into a buffer of comfortable size; the largest number
 * if none does.
 * @param bytes of the scores of all heads.
 */
export function headGroups(choices: readonly number[], bytes: number, maxBytes: number): number {
  const bound = Math.min(maxBytes, COMFORTABLE_BYTES);
  return choices.find((groups) => bytes / groups <= bound) ?? choices.at(-1) ?? 1;
}
