import { quantizationKind } from '../../../../model/formats/quantization.ts';
import type { PackageOffer } from '../../../../packages/api.ts';
import { fileSize } from '../../../i18n/format.ts';
import { strings } from '../../../i18n/strings.ts';
import { Fact } from '../../../ui/feedback/Fact.tsx';
import { usePackages } from '../../state/context.ts';
import { lackingBytes } from '../../state/import-form.ts';

const words = strings.own;
const names = words.facts;

/** A finished package that can be downloaded, and the room for it. */
export function OfferFacts({ offer }: { offer: PackageOffer }) {
  const { name, bytes, quantization, embedding, softCap, adapters, available } = offer;
  const written = usePackages(({ form }) => form.resume?.bytes ?? 0);
  const lacking = lackingBytes(bytes, available, written);
  return (
    <>
      <p>{words.offer}</p>
      <dl className="facts">
        <Fact name={words.name} value={name} wide />
        <Fact
          name={names.written}
          value={strings.model.quantizations[quantizationKind(quantization)]}
        />
        <Fact name={names.embedding} value={embedding} />
        <Fact name={names.softCap} value={softCap === null ? names.noSoftCap : String(softCap)} />
        <Fact name={words.adaptersFact} value={words.adaptersOf(adapters)} />
        <Fact name={names.bytes} value={fileSize(bytes)} />
        <Fact
          name={names.available}
          value={available === null ? names.unknown : fileSize(available)}
        />
      </dl>
      {lacking > 0 && (
        <p className="note note-warning" role="alert">
          {words.lackBytes(lacking)}
        </p>
      )}
    </>
  );
}
