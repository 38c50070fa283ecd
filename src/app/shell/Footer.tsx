import { dependencies, version } from '../../../package.json';
import { strings } from '../i18n/strings.ts';
import { PageChoices } from './PageChoices.tsx';

/** The build copies them beside the page, so that they are available offline. */
const TEXTS = ['readme', 'licence', 'notice'] as const;
const MODEL_CARD = 'models/demo/README.md';
const GEMMA_TERMS = 'https://ai.google.dev/gemma/terms';

/** Language and theme, the app's documents, and versions. */
export function Footer() {
  return (
    <footer className="page-footer">
      <PageChoices />
      <span>{strings.footer.versions(version, dependencies['onnxruntime-web'])}</span>
      {TEXTS.map((name) => (
        <a key={name} href={`about/${name}.txt`} target="_blank" rel="noreferrer">
          {strings.footer[name]}
        </a>
      ))}
      <a href={MODEL_CARD} target="_blank" rel="noreferrer">
        {strings.footer.card}
      </a>
      <a href={GEMMA_TERMS} rel="noreferrer">
        {strings.footer.gemma}
      </a>
    </footer>
  );
}
