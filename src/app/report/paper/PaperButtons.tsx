import { useCallback, useState } from 'react';
import { Button } from 'react-aria-components';
import { useReport, useReportStore } from '../state/use-report.ts';
import { words } from '../text/strings.ts';
import { PaperReport } from './PaperReport.tsx';

/** Saves the report as one HTML file, or prints it, once every figure is complete. */
export function PaperButtons({ fileName }: { fileName: string }) {
  const store = useReportStore();
  const done = useReport(({ figures }) => figures.done);
  const [saving, setSaving] = useState<'no' | 'waits' | 'draws'>('no');
  const end = useCallback(() => setSaving('no'), []);
  async function save() {
    setSaving('waits');
    await store.figuresDone();
    setSaving('draws');
  }
  return (
    <div className="buttons">
      <Button className="button" isDisabled={saving !== 'no'} onPress={() => void save()}>
        {words.paper.save}
      </Button>
      <Button className="button" isDisabled={!done} onPress={() => window.print()}>
        {words.paper.print}
      </Button>
      {saving === 'draws' && <PaperReport fileName={fileName} onDone={end} />}
    </div>
  );
}
