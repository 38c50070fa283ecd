/** The engine's worker with a fault, which the worker's name says. */
import './faults.ts';
import '../../src/scoring/lanes/engine.worker.ts';
