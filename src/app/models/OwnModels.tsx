import './own.css';
import { strings } from '../i18n/strings.ts';
import { ImportPart } from './import/ImportPart.tsx';
import { StoredModels } from './stored/StoredModels.tsx';

/** Stored models, and the import of another. */
export default function OwnModels() {
  return (
    <>
      <p className="help">{strings.own.intro}</p>
      <StoredModels />
      <ImportPart />
    </>
  );
}
