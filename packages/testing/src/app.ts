export { type AppLab, type AppLabOptions, createAppLab, type Step, type WalkOptions } from './lab/app-lab.ts';
