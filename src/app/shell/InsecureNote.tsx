import { isSecurePage } from '../../storage/secure.ts';
import { strings } from '../i18n/strings.ts';

/** Says once what the address of the page keeps it from; nothing over https and on localhost. */
export function InsecureNote() {
  if (isSecurePage()) return null;
  return (
    <div className="note note-warning note-page">
      <p className="note-title">{strings.insecure.title}</p>
      <p>{strings.insecure.text}</p>
    </div>
  );
}
