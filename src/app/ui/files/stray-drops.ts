type Take = (transfer: DataTransfer) => void;

let take: Take | null = null;

/** Lets a screen take files that are dropped beside every zone, until the function is called that it gives. */
export function takeStrayDrops(taker: Take): () => void {
  take = taker;
  return () => {
    if (take === taker) take = null;
  };
}

/** Who takes files that are dropped beside every zone; null for nobody. */
export function strayDropTaker(): Take | null {
  return take;
}
