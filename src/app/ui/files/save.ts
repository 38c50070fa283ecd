/** Milliseconds that the browser has to start reading the data before its address is revoked. */
const KEEP_MS = 60_000;

/** Makes the browser save data as a file. */
export function saveBlob(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEEP_MS);
}
