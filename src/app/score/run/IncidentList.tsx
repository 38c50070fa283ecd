import type { Incident } from '../../../scoring/lanes/lane-events.ts';
import { placeText } from '../../i18n/engine-words.ts';
import { errorText } from '../../i18n/error-text.ts';
import { sentences } from '../../i18n/format.ts';
import { strings } from '../../i18n/strings.ts';

const words = strings.run;

// More would push the results off the screen; the list gives their total.
const SHOWN = 5;

/** Lists failures of devices during a run, and the reaction to each; nothing if there were none. */
export function IncidentList({ incidents }: { incidents: readonly Incident[] }) {
  if (incidents.length === 0) return null;
  return (
    <details className="note note-warning">
      <summary>{words.incidents(incidents.length)}</summary>
      <ul>
        {incidents.slice(-SHOWN).map((incident) => (
          <li key={`${incident.time} ${incident.lane} ${incident.action}`}>
            {sentences(
              words.incident(
                new Date(incident.time),
                placeText(incident.place),
                errorText(incident.error).message,
              ),
              strings.incidentActions[incident.action],
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
