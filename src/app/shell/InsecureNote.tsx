import { isSecurePage } from '../../storage/secure.ts';
import { strings } from '../i18n/strings.ts';

/** Says what is unavailable because of the page's address; nothing over https and on localhost. */
export function InsecureNote() {
  if (isSecurePage()) return null;
  return (
    <div className="note note-warning note-page">
      <p className="note-title">{strings.insecure.title}</p>
      <p>{strings.insecure.text}</p>
    </div>
  );
}
