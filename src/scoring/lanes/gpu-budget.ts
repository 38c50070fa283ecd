import type { FoundGpu } from '../../engine/device/gpus.ts';
import type { ModelRequest } from './model-request.ts';

/** Bytes of a GPU's memory that may be used; null for no limit. */
export function budgetOf({ budgets }: ModelRequest, { name }: FoundGpu): number | null {
  return budgets?.[name] ?? null;
}

/** Lowers the request's limit for the first GPU to `foundRoom`, the bytes for which loading has found room. */
export function withRoom(
  request: ModelRequest,
  [first]: readonly FoundGpu[],
  foundRoom: number | null,
): ModelRequest {
  if (foundRoom === null || first === undefined) return request;
  const room = Math.min(budgetOf(request, first) ?? foundRoom, foundRoom);
  return { ...request, budgets: { ...request.budgets, [first.name]: room } };
}
