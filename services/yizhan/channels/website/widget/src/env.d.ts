/// <reference types="vite/client" />

/** A hash of the sources, the same in both scripts of one build. */
declare const __EDITION__: string;
