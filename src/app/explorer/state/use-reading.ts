import type { Reading } from '../../../domain/reading.ts';
import { useApp } from '../../page/context.ts';
import { modelReading } from '../../page/state.ts';
import { useExplorer } from './explorer-context.ts';

/** The reading of the model that gave the shown score; without a score that of the present model. */
export function useReading(): Reading {
  const present = useApp(modelReading);
  return useExplorer(({ score }) => score?.engine.reading) ?? present;
}
