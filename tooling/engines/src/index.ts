export { type Engine, engineOrReason } from './engine.ts';
export { findChromium } from './find-chromium.ts';
export { clientModule, findPython } from './find-python.ts';
