import { createContext, useContext } from 'react';

/** True while the report is drawn to be saved. Then nothing can be pressed, and nothing is folded away. */
export const Paper = createContext(false);

/** See {@link Paper}. */
export const usePaper = (): boolean => useContext(Paper);
