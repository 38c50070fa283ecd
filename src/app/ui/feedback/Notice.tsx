/** A warning that belongs to a result, for example that the model is untrained. */
export function Notice({ text }: { text: string | null }) {
  if (text === null) return null;
  return (
    <p className="note note-warning">
      <svg className="icon" viewBox="0 0 16 16" aria-hidden="true">
        <path d="M8 2 14.5 13.5h-13zM8 6.5v3M8 11.4v.2" />
      </svg>
      <span>{text}</span>
    </p>
  );
}
