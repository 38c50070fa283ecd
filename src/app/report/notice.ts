import { words } from './strings.ts';

/** The name that a notice gives to its model, to stand beside every number: `Demo model` of `Demo model: …`. */
export function demoTag(notice: string): string {
  const name = notice.split(/[:.]/, 1)[0]!.trim();
  return name === 'Demo model' ? words.demoModel : name;
}
