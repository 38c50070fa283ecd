import { strings } from '../../i18n/strings.ts';

/** The embedded model and its quality: training/MODEL_CARD.md in short. */
export function DemoCard() {
  return (
    <details className="advanced">
      <summary>{strings.model.card}</summary>
      {strings.model.cardFacts.map((fact) => (
        <p className="help" key={fact}>
          {fact}
        </p>
      ))}
      <p className="help">
        <a href="models/demo/README.md" target="_blank" rel="noreferrer">
          {strings.model.cardWhole}
        </a>
      </p>
    </details>
  );
}
