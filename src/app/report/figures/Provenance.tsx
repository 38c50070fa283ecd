import { dependencies, version } from '../../../../package.json';
import { language } from '../../i18n/language.ts';
import { strings } from '../../i18n/strings.ts';
import type { ResultsInfo } from '../../page/state.ts';
import { Fact } from '../../ui/feedback/Fact.tsx';
import { words } from '../text/strings.ts';

/** Names file, time and model of a report on paper. The screen does not show it. */
export function Provenance({ results }: { results: ResultsInfo }) {
  const { made, versions, fileHash, modelHash } = words.paper;
  const date = new Date().toLocaleString(language, { dateStyle: 'long', timeStyle: 'short' });
  return (
    <dl className="facts facts-results paper-only">
      <Fact name={made} value={date} />
      <Fact
        name={versions}
        value={strings.footer.versions(version, dependencies['onnxruntime-web'])}
      />
      <Fact wide name={fileHash} value={results.fileSha256} />
      <Fact wide name={modelHash} value={results.modelSha256} />
    </dl>
  );
}
