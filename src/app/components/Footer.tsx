import { dependencies, version } from '../../../package.json';
import { strings } from '../strings.ts';

const LICENCE = 'https://www.apache.org/licenses/LICENSE-2.0';
const GEMMA_TERMS = 'https://ai.google.dev/gemma/terms';

/** Licence, Gemma's terms and versions. */
export function Footer() {
  return (
    <footer className="page-footer">
      <span>{strings.footer.versions(version, dependencies['onnxruntime-web'])}</span>
      <a href={LICENCE} rel="noreferrer">
        {strings.footer.licence}
      </a>
      <a href={GEMMA_TERMS} rel="noreferrer">
        {strings.footer.gemma}
      </a>
    </footer>
  );
}
