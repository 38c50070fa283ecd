import './stray-drop.css';
import { useEffect, useState } from 'react';
import { strings } from '../i18n/strings.ts';
import { useStore } from '../page/context.ts';
import { isRunning } from '../page/state.ts';
import { strayDropTaker } from '../ui/files/stray-drops.ts';

const words = strings.strayDrop;

/**
 * Handles files dropped outside every zone: by default the browser would replace the page, and a run with it. The
 * screen takes them if it can; else a note says why nothing was opened, until the next click or key.
 */
export function StrayDrop() {
  const store = useStore();
  const [note, setNote] = useState('');
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    for (const type of ['dragover', 'drop'] as const) {
      window.addEventListener(
        type,
        (event) => {
          if (event.defaultPrevented) return;
          event.preventDefault();
          const { dataTransfer } = event;
          if (dataTransfer === null) return;
          const hasFiles = dataTransfer.types.includes('Files');
          dataTransfer.dropEffect = hasFiles ? 'copy' : 'none';
          if (type === 'dragover' || !hasFiles) return;
          const take = strayDropTaker();
          if (take !== null) take(dataTransfer);
          else setNote(isRunning(store.getState()) ? words.running : words.elsewhere);
        },
        { signal },
      );
    }
    for (const type of ['pointerdown', 'keydown'] as const) {
      // React Aria's buttons stop press events from propagating.
      window.addEventListener(type, () => setNote(''), { signal, capture: true });
    }
    return () => stop.abort();
  }, [store]);
  return (
    <div className="stray-drop">
      {note !== '' && (
        <p className="note note-warning" role="alert">
          {note}
        </p>
      )}
    </div>
  );
}
