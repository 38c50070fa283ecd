import { ProgressBar } from 'react-aria-components';

/** A progress bar; `fraction` from 0 to 1, null if unknown. */
export function Meter({ label, fraction }: { label: string; fraction: number | null }) {
  return (
    <ProgressBar
      className="meter"
      aria-label={label}
      value={fraction === null ? undefined : fraction * 100}
      isIndeterminate={fraction === null}
    >
      <div
        className="meter-fill"
        style={fraction === null ? undefined : { transform: `scaleX(${fraction})` }}
      />
    </ProgressBar>
  );
}
