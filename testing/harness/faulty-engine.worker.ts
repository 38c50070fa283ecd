/** The engine's worker with the fault that its name gives. */
import './faults.ts';
import '../../src/scoring/lanes/engine.worker.ts';
