import { describePost } from '../../../report/export.ts';
import { noticesText } from '../../i18n/notices-text.ts';
import { useApp, useStore } from '../../page/context.ts';
import { ResultsFacts } from '../../results/ResultsFacts.tsx';
import { Notice } from '../../ui/feedback/Notice.tsx';
import { useReport } from '../state/use-report.ts';
import { words } from '../text/strings.ts';
import { Provenance } from './Provenance.tsx';

/** Model and settings of the report's results, and the notices about them. */
export function ReportFacts() {
  const results = useApp((state) => state.results);
  const badLabels = useReport(({ facts }) => facts?.badLabels ?? 0);
  const post = useReport((state) => describePost(state.post));
  const { rows } = useStore();
  if (results === null) return null;
  const scorable = rows.length - results.problemRows;
  return (
    <>
      <ResultsFacts results={results} />
      <Provenance results={results} />
      <Notice text={noticesText(results.engine.notices, results.engine.reading)} />
      {rows.scored < scorable && <Notice text={words.partial(rows.scored, scorable)} />}
      {badLabels > 0 && <Notice text={words.badLabels(badLabels)} />}
      {post !== '' && <Notice text={words.processed(post)} />}
    </>
  );
}
