type Take = (transfer: DataTransfer) => void;

let take: Take | null = null;

/** Registers a screen for files that are dropped outside every zone. @returns a function that ends this. */
export function takeStrayDrops(taker: Take): () => void {
  take = taker;
  return () => {
    if (take === taker) take = null;
  };
}

/** The screen that takes files dropped outside every zone; null for none. */
export function strayDropTaker(): Take | null {
  return take;
}
