import { useState } from 'react';
import type { MissingRows } from '../../scoring/rows/row-events.ts';
import { strings } from '../i18n/strings.ts';
import { useApp, useStore } from '../page/context.ts';
import { saveBlob } from '../ui/files/save.ts';
import { useRunsStore } from './state/context.ts';

const words = strings.downloads;

/** The props of a download of results. */
export interface Download {
  isBusy: boolean;
  /** Rows without a result. A submission omits or fills them only with the user's consent. */
  problemRows: number;
  missing: MissingRows | null;
  setMissing: (missing: MissingRows) => void;
  save: (how: MissingRows, name: string) => Promise<void>;
}

/** Downloads of the results on the page. The reason of a failure goes to the page's state. */
export function useDownload(): Download {
  const store = useStore();
  const runs = useRunsStore();
  const results = useApp((state) => state.results);
  const [isBusy, setBusy] = useState(false);
  const [missing, setMissing] = useState<MissingRows | null>(null);

  async function save(how: MissingRows, name: string) {
    setBusy(true);
    const blob = await store.exporter.csv(how);
    setBusy(false);
    if (blob === null) return;
    saveBlob(blob, name);
    if (name === words.completeName) void runs.list.downloaded();
  }

  return { isBusy, problemRows: results?.problemRows ?? 0, missing, setMissing, save };
}
